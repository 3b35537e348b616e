"""Trains and exports an encoder like the real one but tiny, of random weights: `make test-train`."""
import dataclasses
import hashlib
import json
import os
import random
import struct

import numpy as np
import pytest
import torch

import export
import finetune
from e5_skeleton import Shape, Source, kept_ids
from encoder import Encoder

TINY = Shape(layers=2, heads=2, wide=32, inner=64, positions=32)
PIECES = ["<s>", "<pad>", "</s>", "<unk>"] + [f"▁word{i}" for i in range(60)] + ["я" * 3] + ["<mask>"]
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "testdata", "manifest.json")


def tensors(rng):
    """All that the tiny encoder has, by the source's names; word embeddings apart."""
    wide, inner = TINY.wide, TINY.inner
    weight = lambda *shape: rng.normal(0, 0.2, shape).astype("<f4")
    out = {"emb.pos": weight(TINY.positions, wide), "emb.type": weight(2, wide), "emb.ln.w": 1 + weight(wide), "emb.ln.b": weight(wide)}
    for n in range(TINY.layers):
        for part, shape in {"q": (wide, wide), "k": (wide, wide), "v": (wide, wide), "ao": (wide, wide),
                            "fi": (inner, wide), "fo": (wide, inner), "aln": (wide,), "oln": (wide,)}.items():
            out[f"l{n}.{part}.w"] = weight(*shape) + (len(shape) == 1)
            out[f"l{n}.{part}.b"] = weight(shape[0])
    return out


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A file laid out as e5-small-q4.bin."""
    rng = np.random.default_rng(1)
    text = "".join(PIECES).encode()
    ends = np.cumsum([0] + [len(p.encode()) for p in PIECES]).astype("<u4")
    data = b"E5S1" + bytes(4 + 36) + struct.pack("<i", len(PIECES)) + bytes(16) + struct.pack("<Q", len(text))
    data += ends.tobytes() + np.zeros(len(PIECES), "<f4").tobytes() + text + struct.pack("<II", 0, 0)
    blocks = len(PIECES) * TINY.wide // 32
    scales = rng.uniform(0.05, 0.1, (blocks, 1)).astype("<f2").view(np.uint8)
    words = np.concatenate([scales, rng.integers(0, 256, (blocks, 16), np.uint8)], 1).tobytes()
    parts = {"emb.word": (len(PIECES) * TINY.wide, words)}
    parts |= {name: (t.size, t.tobytes()) for name, t in tensors(rng).items()}
    at = len(data) + 4 + sum(3 + len(name) + 20 for name in parts)
    table, body = struct.pack("<i", len(parts)), b""
    for name, (count, content) in parts.items():
        table += struct.pack("<H", len(name)) + name.encode() + b"\0" + struct.pack("<IQQ", count, at + len(body), len(content))
        body += content
    path = tmp_path_factory.mktemp("source") / "tiny.bin"
    path.write_bytes(data + table + body)
    return Source(str(path))


@pytest.fixture
def rows():
    """Four intents told apart by two words each, among words that say nothing."""
    rng = random.Random(2)
    return [{"intent": f"intent{n % 4}", "text": "", "lang": "en",
             "ids": [0, *rng.choices(range(20, 60), k=rng.randint(1, 5)), 4 + 2 * (n % 4) + rng.randint(0, 1), 2]} for n in range(200)]


def loaded(source, **options):
    return Encoder(TINY, **options).load(source, kept_ids(source.pieces)).eval()


def test_the_vocabulary_is_trimmed(source):
    kept = kept_ids(source.pieces)
    assert len(kept) == len(PIECES) - 1 and loaded(source).word.shape == (len(kept), TINY.wide)


def test_a_text_has_the_same_vector_whatever_it_is_encoded_beside(source, rows):
    encoder = loaded(source, frozen=1)
    together = encoder.encode(encoder.lower([r["ids"] for r in rows]))
    alone = torch.cat([encoder.encode(encoder.lower([r["ids"]])) for r in rows])
    assert torch.allclose(together, alone, atol=1e-5)
    assert torch.allclose(together.norm(dim=1), torch.ones(len(rows)), atol=1e-5)


def test_the_contrastive_loss_is_the_papers():
    vectors = torch.nn.functional.normalize(torch.randn(6, 5, generator=torch.manual_seed(3)), dim=1)
    labels = torch.tensor([0, 0, 0, 1, 1, 2])
    by_hand = []
    for i in range(6):
        others = [j for j in range(6) if j != i]
        pairs = [j for j in others if labels[j] == labels[i]]
        whole = sum(np.exp(float(vectors[i] @ vectors[j]) / 0.1) for j in others)
        if pairs:
            by_hand.append(-np.mean([np.log(np.exp(float(vectors[i] @ vectors[j]) / 0.1) / whole) for j in pairs]))
    assert finetune.contrastive(vectors, labels, 0.1).item() == pytest.approx(np.mean(by_hand), rel=1e-4)


def test_a_batch_without_pairs_has_no_contrast():
    vectors = torch.eye(3, requires_grad=True)
    loss = finetune.contrastive(vectors, torch.arange(3), 0.1)
    loss.backward()
    assert loss.item() == 0


def test_an_epoch_has_every_row_in_groups_of_one_intent():
    labels = [0] * 7 + [1] * 3 + [2]
    recipe = finetune.Recipe(intents=2, each=4)
    seen = [row for batch in finetune.batches(labels, recipe, random.Random(0)) for row in batch]
    assert set(seen) == set(range(len(labels)))
    assert max(len({labels[row] for row in batch}) for batch in finetune.batches(labels, recipe, random.Random(0))) <= 2
    lone = finetune.batches(labels, finetune.Recipe(intents=1, each=4), random.Random(0))
    sizes = [len(group) for group in lone if len(set(group)) == len(group) and len({labels[row] for row in group}) == 1]
    assert sorted(sizes) == [1, 3, 4, 4]


def test_what_is_held_out_is_not_learned(rows):
    train, test = finetune.hold_out(rows, 0.2, 0)
    assert len(train) + len(test) == len(rows) and {r["intent"] for r in test} == {r["intent"] for r in rows}
    assert not [r for r in test if r in train and rows.count(r) == 1]


def test_fine_tuning_tells_intents_apart_and_exports(source, rows, tmp_path):
    rows, valid = finetune.hold_out(rows, 0.25, 0)
    recipe = finetune.Recipe(epochs=25, rate=5e-3, frozen=1, intents=4, each=4, share=1.0)
    said = []
    tensors, vectors, texts, scores = finetune.tune(source, rows, valid, recipe, TINY, report=said.append)
    assert scores["tuned"] > scores["frozen"] + 0.05, said
    assert all(name.startswith("l1.") for name in tensors), "a frozen layer is among what was trained"
    assert not np.allclose(tensors["l1.q.w"].detach().reshape(-1), source["l1.q.w"])

    tuned = export.Tuned(source, {n: t.detach().numpy() for n, t in tensors.items()})
    alike = export.write(tuned, kept_ids(source.pieces), str(tmp_path), texts, vectors, TINY)
    assert set(alike) == set(export.PARITY)
    export.manifest(str(tmp_path), "tiny", "# tiny\n")
    made = json.loads((tmp_path / "manifest.json").read_text())
    for f in made["files"]:
        content = (tmp_path / f["name"]).read_bytes()
        assert f["bytes"] == len(content) and f["sha256"] == hashlib.sha256(content).hexdigest()
    wanted = json.load(open(FIXTURE))  # what the program's own test reads
    assert made.keys() == wanted.keys() and [f["name"] for f in made["files"]] == [f["name"] for f in wanted["files"]]
    assert (tmp_path / "e5.vocabulary").read_bytes() == source.head


def test_a_build_that_differs_is_refused(source, rows, tmp_path):
    texts = [r["ids"] for r in rows[:5]]
    wrong = np.random.default_rng(4).normal(size=(5, TINY.wide)).astype(np.float32)
    with pytest.raises(SystemExit, match="float32 build differs"):
        export.write(source, kept_ids(source.pieces), str(tmp_path), texts, wrong, TINY)


def test_the_share_says_how_much_of_what_was_learned_stays(source):
    encoder = loaded(source)
    before = {name: p.detach().clone() for name, p in encoder.named_tensors()}
    with torch.no_grad():
        for _, p in encoder.named_tensors():
            p += 1
    finetune.blend(encoder, before, 0.25)
    for name, p in encoder.named_tensors():
        assert torch.allclose(p, before[name] + 0.25, atol=1e-5)


def test_every_figure_of_the_recipe_can_be_given():
    assert all(type(f.default) in (int, float) for f in dataclasses.fields(finetune.Recipe))
