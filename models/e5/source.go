package e5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/floorwalker/floorwalker/models/token"
)

// ErrSource means that a file isn't a whole e5-small-q4.bin; pulling the models again cures it.
var ErrSource = errors.New("not a whole e5-small-q4.bin")

// tensor is a run of the source; 4-bit if it is shorter than 4 bytes an element.
type tensor struct {
	count         int
	offset, bytes uint64
}

// Source is an opened e5-small-q4.bin.
type Source struct {
	data    []byte
	head    int // bytes up to the end of the vocabulary
	tensors map[string]tensor
}

// Open reads the tables of a whole source file, which it keeps and which mustn't change.
func Open(data []byte) (*Source, error) {
	r := &reader{data: data}
	readVocabulary(r)
	s := &Source{data: data, head: r.at, tensors: map[string]tensor{}}
	for range r.count(1 << 12) {
		name := string(r.bytes(int(r.u16())))
		r.bytes(1) // kind; the size tells it too
		t := tensor{count: int(r.u32()), offset: r.u64(), bytes: r.u64()}
		if end := t.offset + t.bytes; end < t.offset || end > uint64(len(data)) {
			r.fail(fmt.Sprintf("tensor %q lies outside the file", name))
		}
		s.tensors[name] = t
	}
	return s, r.err
}

// ReadVocabulary reads the full vocabulary from a source file or from its [Source.Head]. The
// converted model wants its Keep to be [Kept].
func ReadVocabulary(data []byte) (token.Vocabulary, error) {
	r := &reader{data: data}
	v := readVocabulary(r)
	return v, r.err
}

// Head is the part of the source that ReadVocabulary needs, about 5 MB.
func (s *Source) Head() []byte { return s.data[:s.head] }

func readVocabulary(r *reader) token.Vocabulary {
	if string(r.bytes(4)) != "E5S1" {
		r.fail("it doesn't begin with E5S1")
	}
	r.bytes(4 + 9*4) // version and the model's shape, which the skeleton fixes
	n := r.count(1 << 20)
	r.bytes(4 * 4) // ids of the special pieces
	size := r.u64()
	ends := make([]int, n+1)
	for i := range ends {
		ends[i] = int(r.u32())
	}
	v := token.Vocabulary{Pieces: make([]string, n), Scores: make([]float32, n), Replacements: map[rune]string{}}
	for i := range v.Scores {
		v.Scores[i] = math.Float32frombits(r.u32())
	}
	text := r.bytes(int(min(size, math.MaxInt32)))
	for i := range v.Pieces {
		if ends[i] > ends[i+1] || ends[i+1] > len(text) {
			r.fail(fmt.Sprintf("piece %d lies outside the text", i))
			return token.Vocabulary{}
		}
		v.Pieces[i] = string(text[ends[i]:ends[i+1]])
	}
	rules := r.count(1 << 20)
	r.u32() // bytes of the rules
	for range rules {
		from := rune(r.u32())
		to := make([]rune, r.bytes(1)[0])
		for i := range to {
			to[i] = rune(r.u32())
		}
		v.Replacements[from] = string(to)
	}
	return v
}

// floats returns a tensor of n float32 values.
func (s *Source) floats(name string, n int) ([]float32, error) {
	t, ok := s.tensors[name]
	switch {
	case !ok || t.count != n:
		return nil, fmt.Errorf("e5: %w: it has no tensor %q of %d values", ErrSource, name, n)
	case t.bytes == uint64(4*n):
		return decodeFloats(s.data[t.offset : t.offset+t.bytes]), nil
	}
	blocks, err := s.blocks(name, n)
	if err != nil {
		return nil, err
	}
	return dequantise(blocks), nil
}

// blocks returns the raw 4-bit blocks of a tensor of n values.
func (s *Source) blocks(name string, n int) ([]byte, error) {
	t, ok := s.tensors[name]
	if !ok || t.count != n || n%blockValues != 0 || t.bytes != uint64(n/blockValues*blockBytes) {
		return nil, fmt.Errorf("e5: %w: it has no 4-bit tensor %q of %d values", ErrSource, name, n)
	}
	return s.data[t.offset : t.offset+t.bytes], nil
}

// reader walks little-endian bytes; after the first fault every read gives zeros, so that the
// caller checks err once.
type reader struct {
	data []byte
	at   int
	err  error
}

var zeros [8]byte

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("e5: %w at byte %d: %s", ErrSource, r.at, what)
	}
}

// bytes returns the next n bytes, or at most 8 zeros after a fault.
func (r *reader) bytes(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.data)-r.at) {
		r.fail("it ends too early")
	}
	if r.err != nil {
		return zeros[:min(max(n, 0), len(zeros))]
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

func (r *reader) u16() uint16 { return binary.LittleEndian.Uint16(r.bytes(2)) }
func (r *reader) u32() uint32 { return binary.LittleEndian.Uint32(r.bytes(4)) }
func (r *reader) u64() uint64 { return binary.LittleEndian.Uint64(r.bytes(8)) }

// count reads how many entries follow; more than most is a fault.
func (r *reader) count(most int) int {
	n := int(r.u32())
	if n > most {
		r.fail(fmt.Sprintf("%d entries are more than there can be", n))
	}
	if r.err != nil {
		return 0
	}
	return n
}

func decodeFloats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}
