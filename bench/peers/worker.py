"""One runtime, one part: says `ready`, then runs once for each line it reads and answers with a line of JSON. The output of the first run is kept.

worker.py RUNTIME PART MODEL INPUTS OUTPUT THREADS       runtimes: torch, torch-compiled, onnxruntime, openvino
"""
import json
import resource
import sys
import time

import numpy as np

from parts import INPUTS, onnx_path


def torch_run(part, folder, inputs, threads, compiled=False):
    import torch
    from networks import load_part, read_inputs
    torch.set_num_threads(threads)
    module, values = load_part(folder, part).to(memory_format=torch.channels_last), read_inputs(part, inputs)
    values = tuple(v.contiguous(memory_format=torch.channels_last) if v.dim() == 4 else v for v in values)
    if compiled:
        import torch._inductor.config
        torch._inductor.config.freezing = True
        module = torch.compile(module)

    def run():
        with torch.no_grad():
            out = module(*values)
        return [x.contiguous().numpy() for x in (out if isinstance(out, tuple) else (out,))]
    return run


def numpy_inputs(part, inputs):
    from safetensors.numpy import load_file
    tensors = load_file(inputs)
    return [tensors[n].astype(np.int64) if n == "timestep" else tensors[n][None] for n in INPUTS[part]]


def onnxruntime_run(part, folder, inputs, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(onnx_path(inputs), options, providers=["CPUExecutionProvider"])
    feed = dict(zip((i.name for i in session.get_inputs()), numpy_inputs(part, inputs)))
    return lambda: session.run(None, feed)


def openvino_run(part, folder, inputs, threads):
    import openvino
    core = openvino.Core()
    # f32: openvino would compute in bfloat16 where the processor has it, and would not agree.
    model = core.compile_model(onnx_path(inputs), "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"})
    request, values = model.create_infer_request(), numpy_inputs(part, inputs)
    return lambda: list(request.infer(values).values())


RUNTIMES = {"torch": torch_run, "torch-compiled": lambda *a: torch_run(*a, compiled=True), "onnxruntime": onnxruntime_run, "openvino": openvino_run}


def main():
    runtime, part, folder, inputs, output, threads = sys.argv[1:]
    run = RUNTIMES[runtime](part, folder, inputs, int(threads))
    np.concatenate([np.asarray(x, np.float32).ravel() for x in run()]).tofile(output)
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(json.dumps({"seconds": time.perf_counter() - start, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)


if __name__ == "__main__":
    main()
