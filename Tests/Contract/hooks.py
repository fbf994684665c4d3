"""What schemathesis cannot know: what a photograph is. Loaded through SCHEMATHESIS_HOOKS."""

import io

import numpy as np
import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis.specs.openapi.checks import use_after_free


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
def filter_case(context, case):
    """An option is given once, in the query or in the form, and a cursor comes from a list: OpenAPI has no words for either."""
    form, query = case.body if isinstance(case.body, dict) else {}, case.query or {}
    return not set(form) & set(query) and "cursor" not in query


@schemathesis.check
def use_after_delete(ctx, response, case):
    """use_after_free; but DELETE of an unfinished job answers 202, and the cancelled job can still be read."""
    for related in ctx.internals.find_related(case_id=case.id):
        answer = ctx.internals.find_response(case_id=related.id)
        if related.operation.method.lower() == "delete" and answer is not None and answer.status_code == 202:
            return None
    return use_after_free(ctx, response, case)
