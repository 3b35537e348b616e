package e5

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
)

// head is a small source file with its vocabulary and one tensor, as the real one is laid out.
func head(pieces []string, rules map[rune]string, tensors int) []byte {
	le := binary.LittleEndian
	b := append([]byte("E5S1"), make([]byte, 4+9*4)...)
	b = le.AppendUint32(b, uint32(len(pieces)))
	b = append(b, make([]byte, 16)...)
	text, ends := "", []uint32{0}
	for _, p := range pieces {
		text += p
		ends = append(ends, uint32(len(text)))
	}
	b = le.AppendUint64(b, uint64(len(text)))
	for _, e := range ends {
		b = le.AppendUint32(b, e)
	}
	for i := range pieces {
		b = le.AppendUint32(b, math.Float32bits(-float32(i)))
	}
	b = append(b, text...)
	b = le.AppendUint32(b, uint32(len(rules)))
	b = le.AppendUint32(b, 0)
	for from, to := range rules {
		b = append(le.AppendUint32(b, uint32(from)), byte(len([]rune(to))))
		for _, r := range to {
			b = le.AppendUint32(b, uint32(r))
		}
	}
	return le.AppendUint32(b, uint32(tensors))
}

func TestReadsTheVocabulary(t *testing.T) {
	source, err := Open(head([]string{"<s>", "▁the", "钱"}, map[rune]string{'Ａ': "A", '\x01': ""}, 0))
	if err != nil {
		t.Fatal(err)
	}
	v, err := ReadVocabulary(source.Head())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(v.Pieces, []string{"<s>", "▁the", "钱"}) || v.Scores[2] != -2 || v.Replacements['Ａ'] != "A" {
		t.Errorf("%+v", v)
	}
	if to, ok := v.Replacements[1]; !ok || to != "" {
		t.Errorf("a control became %q, %v", to, ok)
	}
	if _, err := source.Weights(); !errors.Is(err, ErrSource) {
		t.Errorf("weights out of nothing: %v", err)
	}
}

func TestEveryCutIsFound(t *testing.T) {
	whole := head([]string{"<s>", "▁the"}, map[rune]string{'Ａ': "A"}, 0)
	for n := range whole {
		if _, err := Open(whole[:n]); !errors.Is(err, ErrSource) {
			t.Fatalf("cut after byte %d: %v", n, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(head([]string{"<s>", "▁the"}, map[rune]string{'Ａ': "A"}, 0))
	f.Add(head(nil, nil, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := Open(data); err == nil {
			if _, err := s.Weights(); err == nil {
				t.Error("a model was made of noise")
			}
		}
	})
}

func TestHalves(t *testing.T) {
	for bits, want := range map[uint16]float32{0x3c00: 1, 0xc000: -2, 0x0001: 1.0 / (1 << 24), 0x8000: 0,
		0x7bff: 65504, 0x3555: 0.33325195} {
		if got := half(bits); got != want {
			t.Errorf("%#x is %v, not %v", bits, got, want)
		}
	}
	if !math.IsInf(float64(half(0x7c00)), 1) {
		t.Error("infinity was lost")
	}
}

func TestQuantisingByOutputLosesLessThanHalfAStep(t *testing.T) {
	weight := []float32{.5, -1, .25, 0, 0, 0, 3, 1.5, -2.9} // [3 outputs][3 inputs]
	values, scales := quantiseColumns(weight, 3, 3)
	for o := range 3 {
		for i := range 3 {
			back := float32(int8(values[i*3+o])) * scales[o]
			if d := math.Abs(float64(back - weight[o*3+i])); d > float64(scales[o])/2+1e-6 {
				t.Errorf("output %d input %d: %v became %v", o, i, weight[o*3+i], back)
			}
		}
	}
	if scales[1] != 1 {
		t.Errorf("a row of zeros has the scale %v", scales[1])
	}
}

// Four values of two blocks: the low halves come first, then the high ones.
func TestBlocksKeepTheirOrder(t *testing.T) {
	block := append([]byte{0, 0x3c}, make([]byte, 16)...) // scale 1
	block[2], block[3] = 0x98, 0x0f                       // values 0: 8-8, 16: 9-8, 1: 15-8, 17: 0-8
	got := dequantise(block)
	if got[0] != 0 || got[16] != 1 || got[1] != 7 || got[17] != -8 {
		t.Errorf("%v", got)
	}
	values, _ := splitBlocks(block)
	for i, want := range got {
		nibble := values[i/2] >> (4 * (i % 2)) & 15
		if v := float32(int8(nibble<<4) >> 4); v != want {
			t.Errorf("value %d is %v, not %v", i, v, want)
		}
	}
}

func TestKeptIDsHaveRows(t *testing.T) {
	n := 0
	for id := -5; id < 300_000; id++ {
		if Kept(id) {
			n++
		}
	}
	all, err := places()
	if err != nil {
		t.Fatal(err)
	}
	if rows := all[0].Bytes * 2 / Dim; all[0].Name != "word_q" || rows != n {
		t.Errorf("%d ids are kept and %s has %d rows", n, all[0].Name, rows)
	}
}
