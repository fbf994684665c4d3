"""What schemathesis cannot know: what a photograph is. Loaded through SCHEMATHESIS_HOOKS."""

import io
import re
import uuid

import numpy as np
import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis.specs.openapi.checks import ensure_resource_availability, positive_data_acceptance, use_after_free


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


def form_of(case):
    return case.body if isinstance(case.body, dict) else {}


@schemathesis.hook
def filter_case(context, case):
    """What OpenAPI has no words for: an option is given once, in the query or in the form; a cursor comes from a list; a webhook needs a
    secret, and random hosts must not be written to."""
    form, query = form_of(case), case.query or {}
    return not set(form) & set(query) and "cursor" not in query and "webhook" not in {*form, *query}


@schemathesis.hook
def before_call(context, case, kwargs):
    """The same for the examples, which are not filtered; and an Idempotency-Key is fresh for each request that asks for something else.
    A form stays as it is: one that is changed counts as invalid for its picture."""
    query = case.query or {}
    for name in [name for name in query if name in form_of(case) or name in ("cursor", "webhook")]:
        del query[name]
    if re.fullmatch(r'("?)[!#-+\--\[\]-~]{1,255}\1', (case.headers or {}).get("Idempotency-Key", "")):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.check
def valid_is_accepted(ctx, response, case):
    """positive_data_acceptance; but the examples of a form come without a picture, or with a webhook, for which the service has no secret."""
    problem = response.json().get("type", "").removeprefix("urn:fidediff:problem:") if response.status_code == 400 else None
    if form_of(case) and problem == "empty_body" or "webhook" in form_of(case) and problem == "invalid_parameter":
        return None
    return positive_data_acceptance(ctx, response, case)


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
