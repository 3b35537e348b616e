"""multilingual-e5-small in PyTorch: the same function of token ids as the ONNX graph that
e5_skeleton.py builds, for training."""
import torch
from torch import nn
from torch.nn import functional as F

from e5_skeleton import E5, EPSILON

PARTS = ("q", "k", "v", "ao", "fi", "fo")  # matrices of a layer, as the source names them
NORMS = ("aln", "oln")


class Layer(nn.Module):
    """One transformer layer, normalised after each half (Devlin et al. 2019)."""

    def __init__(self, shape, dropout):
        super().__init__()
        wide, inner = shape.wide, shape.inner
        self.heads, self.dropout = shape.heads, dropout
        self.q, self.k, self.v, self.ao = (nn.Linear(wide, wide) for _ in range(4))
        self.fi, self.fo = nn.Linear(wide, inner), nn.Linear(inner, wide)
        self.aln, self.oln = (nn.LayerNorm(wide, eps=EPSILON) for _ in range(2))

    def forward(self, x, mask):
        """x: float [batch, length, wide]; mask: bool [batch, 1, 1, length], true where tokens are."""
        rate = self.dropout if self.training else 0.0
        by_head = lambda m: m(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        a = F.scaled_dot_product_attention(*map(by_head, (self.q, self.k, self.v)), attn_mask=mask, dropout_p=rate)
        x = self.aln(x + F.dropout(self.ao(a.transpose(1, 2).flatten(-2)), rate))
        return self.oln(x + F.dropout(self.fo(F.gelu(self.fi(x))), rate))


class Encoder(nn.Module):
    """Texts, as token ids, to unit vectors. Its embeddings and the layers below `frozen` never
    change, so what they make of a text is computed once (see `lower`)."""

    def __init__(self, shape=E5, dropout=0.1, frozen=0):
        super().__init__()
        self.shape, self.frozen = shape, frozen
        self.register_buffer("word", torch.zeros(0, shape.wide))
        self.register_buffer("pos", torch.zeros(shape.positions, shape.wide))
        self.eln = nn.LayerNorm(shape.wide, eps=EPSILON).requires_grad_(False)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        for layer in self.layers[:frozen]:
            layer.requires_grad_(False)

    @torch.no_grad()
    def load(self, source, kept):
        """Takes the weights of an e5_skeleton.Source; kept are the ids of the rows that stay."""
        wide = self.shape.wide
        tensor = lambda name, *shape: torch.from_numpy(source[name].copy()).reshape(*shape)
        self.word = tensor("emb.word", -1, wide)[torch.as_tensor(kept)]
        self.pos.copy_(tensor("emb.pos", -1, wide) + tensor("emb.type", -1, wide)[0])
        self.eln.weight.copy_(tensor("emb.ln.w", wide))
        self.eln.bias.copy_(tensor("emb.ln.b", wide))
        for name, parameter in self.named_tensors(0):
            parameter.copy_(tensor(name, *parameter.shape))
        return self

    def named_tensors(self, first=None):
        """The weights of the layers that may change, by their names in the source."""
        for n, layer in enumerate(self.layers):
            for part in PARTS + NORMS if n >= (self.frozen if first is None else first) else ():
                yield f"l{n}.{part}.w", getattr(layer, part).weight
                yield f"l{n}.{part}.b", getattr(layer, part).bias

    @torch.no_grad()
    def lower(self, texts, tokens=4096):
        """What the frozen part makes of each text: a list of float [length, wide]."""
        self.eval()
        out = [None] * len(texts)
        for at in by_length(texts, tokens):
            ids = nn.utils.rnn.pad_sequence([torch.as_tensor(texts[i]) for i in at], batch_first=True)
            x = self.eln(self.word[ids] + self.pos[: ids.shape[1]])
            mask = masked([len(texts[i]) for i in at])
            for layer in self.layers[: self.frozen]:
                x = layer(x, mask)
            for i, row in zip(at, x):
                out[i] = row[: len(texts[i])].clone()
        return out

    def upper(self, rows, tokens=1024):
        """Unit vectors, float [texts, wide], of what `lower` made. Texts of like length run
        together, so that little is padded."""
        chunks = by_length(rows, tokens)
        vectors = []
        for at in chunks:
            x = nn.utils.rnn.pad_sequence([rows[i] for i in at], batch_first=True)
            mask = masked([len(rows[i]) for i in at])
            for layer in self.layers[self.frozen :]:
                x = layer(x, mask)
            there = mask[:, 0, 0, :, None]
            vectors.append(F.normalize((x * there).sum(1) / there.sum(1), dim=-1))
        order = torch.tensor([i for at in chunks for i in at])
        return torch.cat(vectors)[order.argsort()]

    @torch.no_grad()
    def encode(self, rows):
        """`upper` without training, for any number of rows."""
        self.eval()
        return self.upper(rows, tokens=4096)


def masked(lengths):
    lengths = torch.tensor(lengths)
    return (torch.arange(int(lengths.max())) < lengths[:, None])[:, None, None, :]


def by_length(rows, tokens):
    """Groups of indices of rows of like length, each of at most `tokens` with the padding."""
    groups = []
    for i in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        if groups and len(rows[i]) * (len(groups[-1]) + 1) <= tokens and len(rows[i]) <= 4 + 1.25 * len(rows[groups[-1][0]]):
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups
