"""Writes a fine-tuned encoder as ONNX, and checks that what was written gives the vectors that
were trained."""
import hashlib
import json
import os
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnxruntime.transformers.float16 import convert_float_to_float16

from e5_skeleton import E5, build, skeleton

# The least cosine, mean and worst, of a build's vector with the trained one.
PARITY = {"float32": (0.99999, 0.9999), "fp16": (0.9999, 0.999), "int8": (0.99, 0.97)}
BUILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e5", "build")


class Tuned:
    """A source some of whose tensors were trained; embeddings stay as they came."""

    def __init__(self, source, tensors):
        self.source, self.tensors = source, {name: np.ascontiguousarray(t, np.float32) for name, t in tensors.items()}
        self.blocks, self.head = source.blocks, source.head

    def __getitem__(self, name):
        return self.tensors[name].reshape(-1) if name in self.tensors else self.source[name]


def encode(path, texts):
    """Vectors of token ids, each text alone: float [texts, wide]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    run = lambda ids: session.run(None, {"input_ids": [ids], "attention_mask": [[1] * len(ids)]})[0][0]
    return np.stack([run(ids) for ids in texts])


def parity(kind, trained, got):
    """The cosines of a build's vectors with the trained ones; too low a one is an error."""
    cosines = (trained * got).sum(1) / np.linalg.norm(trained, axis=1) / np.linalg.norm(got, axis=1)
    mean, worst = float(cosines.mean()), float(cosines.min())
    if not (mean >= PARITY[kind][0] and worst >= PARITY[kind][1]):
        raise SystemExit(f"the {kind} build differs from what was trained: cosine {mean:.4f} in the mean and "
                         f"{worst:.4f} at the least, where {PARITY[kind]} are needed; a lower rate or fewer epochs help")
    return {"mean_cosine": round(mean, 6), "least_cosine": round(worst, 6)}


def write(source, kept, out, texts, trained, shape=E5):
    """Writes the builds of a source to a folder: int8 as graph, weights and vocabulary, the form that
    the program runs, and fp16 for GPUs. trained are the vectors of texts (lists of ids) that
    they must give. Returns the parity of each."""
    result = {}
    inside = lambda name: os.path.join(out, name)
    with tempfile.TemporaryDirectory() as folder:
        whole, plain = os.path.join(folder, "whole.onnx"), os.path.join(folder, "plain.onnx")
        build(source, kept, plain, int8=False, shape=shape)
        result["float32"] = parity("float32", trained, encode(plain, texts))
        onnx.save(convert_float_to_float16(onnx.load(plain), keep_io_types=True), inside("fp16.onnx"))
        result["fp16"] = parity("fp16", trained, encode(inside("fp16.onnx"), texts))
        build(source, kept, whole, int8=True, shape=shape)
        skeleton(whole, folder, out)
        result["int8"] = parity("int8", trained, encode(inside("e5.onnx"), texts))
    with open(inside("e5.vocabulary"), "wb") as f:
        f.write(source.head)
    if shape == E5 and sha256(inside("e5.onnx")) != sha256(os.path.join(BUILD, "skeleton.onnx")):
        raise SystemExit("the graph came out as another than models/e5/build/skeleton.onnx, which is the only one the "
                         "program runs: install the versions in requirements.txt")
    return result


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def manifest(out, name, card):
    """Writes the model card and, last, the manifest of what the program takes."""
    with open(os.path.join(out, "card.md"), "w", encoding="utf-8") as f:
        f.write(card)
    files = [{"name": n, "bytes": os.path.getsize(os.path.join(out, n)), "sha256": sha256(os.path.join(out, n))}
             for n in ("card.md", "e5.onnx", "e5.vocabulary", "e5.weights")]
    with open(os.path.join(out, "manifest.json"), "w", encoding="utf-8") as f:
        json.dump({"name": name, "package": "models/train", "version": "1", "licence": "MIT", "files": files}, f, indent=2)
        f.write("\n")
