package linear

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

// Format is the version of the form in which models are saved and read.
const Format = 1

// The form of a saved model, little-endian: magic, version uint32, classes, dim and columns
// uint32, C and temperature float64, biases, dense weights, column indices, sparse weights, and the
// CRC-32C of all before it.
const (
	magic       = "FWLINEAR"
	headerBytes = len(magic) + 4*4 + 2*8
)

// ErrCorrupt means that a saved model isn't as it was written; training again cures it.
var ErrCorrupt = errors.New("linear: the saved model is damaged; train it again")

// MarshalBinary writes the model; the form is little-endian with a version and a checksum.
func (m *Softmax) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, headerBytes+4*(len(m.bias)+len(m.dense)+len(m.indices)+len(m.sparse))+4)
	out = append(out, magic...)
	for _, v := range []int{Format, m.classes, m.dim, len(m.indices)} {
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	for _, v := range []float64{m.c, m.temperature} {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
	}
	out = appendFloats(out, m.bias)
	out = appendFloats(out, m.dense)
	for _, v := range m.indices {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	out = appendFloats(out, m.sparse)
	return binary.LittleEndian.AppendUint32(out, checksum(out)), nil
}

// UnmarshalBinary reads what MarshalBinary wrote. A truncated or corrupt file is [ErrCorrupt], a
// newer one an error that says so, and either leaves m as it was.
func (m *Softmax) UnmarshalBinary(data []byte) error {
	if len(data) < headerBytes+4 || !bytes.HasPrefix(data, []byte(magic)) {
		return ErrCorrupt
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if checksum(body) != sum {
		return ErrCorrupt
	}
	u32 := func(i int) int { return int(binary.LittleEndian.Uint32(body[len(magic)+4*i:])) }
	f64 := func(i int) float64 {
		return math.Float64frombits(binary.LittleEndian.Uint64(body[len(magic)+16+8*i:]))
	}
	if v := u32(0); v != Format {
		return fmt.Errorf("linear: the saved model is of format %d and this program reads %d; train it again", v, Format)
	}
	out := Softmax{classes: u32(1), dim: u32(2), c: f64(0), temperature: f64(1)}
	columns := u32(3)
	values := uint64(out.classes)*(1+uint64(out.dim)+uint64(columns)) + uint64(columns)
	if out.classes < 1 || max(out.classes, out.dim, columns) > 1<<30 || values != uint64(len(body)-headerBytes)/4 ||
		len(body)%4 != headerBytes%4 || !(out.temperature > 0) || math.IsInf(out.temperature, 0) {
		return ErrCorrupt
	}
	rest := body[headerBytes:]
	take := func(n int) []byte { part := rest[:4*n]; rest = rest[4*n:]; return part }
	out.bias = decodeFloats(take(out.classes))
	out.dense = decodeFloats(take(out.classes * out.dim))
	out.indices = decodeIndices(take(columns))
	out.sparse = decodeFloats(take(out.classes * columns))
	if !slices.IsSorted(out.indices) {
		return ErrCorrupt
	}
	out.index()
	*m = out
	return nil
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func appendFloats(out []byte, v []float32) []byte {
	for _, f := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
	}
	return out
}

func decodeFloats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

func decodeIndices(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}
