package e5

import (
	"encoding/binary"
	"fmt"
	"math"
)

const inner = 4 * Dim // width of the feed-forward layers

// Weights makes the contents of [WeightsName], 54 MB.
func (s *Source) Weights() ([]byte, error) {
	all, err := places()
	if err != nil {
		return nil, err
	}
	parts, err := s.parts()
	if err != nil {
		return nil, err
	}
	size := 0
	for _, p := range all {
		size = max(size, p.Offset+p.Bytes)
	}
	out := make([]byte, size)
	for _, p := range all {
		part, ok := parts[p.Name]
		if !ok || len(part) != p.Bytes {
			return nil, fmt.Errorf("e5: the skeleton wants %d bytes of %q and the conversion has %d: "+
				"run models/train/e5_skeleton.py again", p.Bytes, p.Name, len(part))
		}
		copy(out[p.Offset:], part)
	}
	return out, nil
}

// parts makes each tensor of the skeleton, by its name there.
func (s *Source) parts() (map[string][]byte, error) {
	parts := map[string][]byte{}
	if err := s.embeddings(parts); err != nil {
		return nil, err
	}
	for l := range Layers {
		if err := s.layer(parts, fmt.Sprintf("l%d.", l)); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func (s *Source) embeddings(parts map[string][]byte) error {
	const rowBytes = Dim / blockValues * blockBytes
	words, ok := s.tensors["emb.word"]
	if !ok || words.count%Dim != 0 {
		return fmt.Errorf("e5: %w: it has no word embeddings", ErrSource)
	}
	rows, err := s.blocks("emb.word", words.count)
	if err != nil {
		return err
	}
	trimmed := make([]byte, 0, len(rows))
	for id := range len(rows) / rowBytes {
		if Kept(id) {
			trimmed = append(trimmed, rows[id*rowBytes:(id+1)*rowBytes]...)
		}
	}
	parts["word_q"], parts["word_s"] = splitBlocks(trimmed)

	positions, err := s.floats("emb.pos", MaxTokens*Dim)
	if err != nil {
		return err
	}
	types, err := s.floats("emb.type", 2*Dim)
	if err != nil {
		return err
	}
	for i := range positions { // every token is of type 0
		positions[i] += types[i%Dim]
	}
	parts["pos"] = encodeFloats(positions)
	return s.plain(parts, map[string]string{"eln.w": "emb.ln.w", "eln.b": "emb.ln.b"}, Dim)
}

// layer makes the tensors of one transformer layer, whose names start with p.
func (s *Source) layer(parts map[string][]byte, p string) error {
	for _, m := range []struct {
		to              string
		from            []string // joined by output
		outputs, inputs int      // of each
	}{
		{"qkv", []string{"q", "k", "v"}, Dim, Dim},
		{"ao", []string{"ao"}, Dim, Dim},
		{"fi", []string{"fi"}, inner, Dim},
		{"fo", []string{"fo"}, Dim, inner},
	} {
		var weight, bias []float32
		for _, name := range m.from {
			w, err := s.floats(p+name+".w", m.outputs*m.inputs)
			if err != nil {
				return err
			}
			b, err := s.floats(p+name+".b", m.outputs)
			if err != nil {
				return err
			}
			weight, bias = append(weight, w...), append(bias, b...)
		}
		values, scales := quantiseColumns(weight, len(bias), m.inputs)
		parts[p+m.to+".w_quantized"] = values
		parts[p+m.to+".w_scale"] = encodeFloats(scales)
		parts[p+m.to+".b"] = encodeFloats(bias)
	}
	return s.plain(parts, map[string]string{
		p + "aln.w": p + "aln.w", p + "aln.b": p + "aln.b",
		p + "oln.w": p + "oln.w", p + "oln.b": p + "oln.b",
	}, Dim)
}

// plain copies float tensors of n values, skeleton's name to source's name.
func (s *Source) plain(parts map[string][]byte, names map[string]string, n int) error {
	for to, from := range names {
		v, err := s.floats(from, n)
		if err != nil {
			return err
		}
		parts[to] = encodeFloats(v)
	}
	return nil
}

func encodeFloats(v []float32) []byte {
	out := make([]byte, 0, 4*len(v))
	for _, f := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
	}
	return out
}
