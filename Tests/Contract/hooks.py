"""What schemathesis cannot know: what a photograph is. Loaded through SCHEMATHESIS_HOOKS."""

import io
import re
import uuid

import numpy as np
import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis.specs.openapi.checks import ensure_resource_availability, use_after_free


def picture(width, height, seed, kind, mode="RGB", **options):
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, len(mode)), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(noise.squeeze(), mode).save(data, kind, **options)
    return data.getvalue()


def pictures(kind, modes):
    return [picture(width, height, width, kind, mode) for width, height in ((16, 16), (17, 33), (48, 32)) for mode in modes]


JPEG = st.sampled_from(pictures("JPEG", ("RGB", "L")))
PNG = st.sampled_from(pictures("PNG", ("RGB", "L", "RGBA")))
schemathesis.openapi.media_type("image/jpeg", JPEG)
schemathesis.openapi.media_type("image/png", PNG)
# What the bytes are, they say themselves.
schemathesis.openapi.media_type("application/octet-stream", JPEG | PNG)


@schemathesis.hook
def before_call(context, case, kwargs):
    """What OpenAPI has no words for: an option is given once, in the query or in the form; a cursor comes from a list; an Idempotency-Key
    is fresh for each request that asks for something else; a webhook needs a secret, and random hosts must not be written to."""
    form, query = case.body if isinstance(case.body, dict) else {}, case.query or {}
    for name in [name for name in query if name in form or name in ("cursor", "webhook")]:
        del query[name]
    form.pop("webhook", None)
    key = (case.headers or {}).get("Idempotency-Key", "")
    if re.fullmatch(r"[!#-+\--\[\]-~]{1,255}", key):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.check
def use_after_delete(ctx, response, case):
    """use_after_free; but DELETE of an unfinished job answers 202, and the cancelled job can still be read."""
    for related in ctx.internals.find_related(case_id=case.id):
        answer = ctx.internals.find_response(case_id=related.id)
        if related.operation.method.lower() == "delete" and answer is not None and answer.status_code == 202:
            return None
    return use_after_free(ctx, response, case)


@schemathesis.check
def available_once_created(ctx, response, case):
    """ensure_resource_availability; but only a job that was given a webhook has one."""
    if response.status_code == 404 and response.json().get("type") == "urn:fidediff:problem:no_webhook":
        return None
    return ensure_resource_availability(ctx, response, case)
