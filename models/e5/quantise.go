package e5

import (
	"encoding/binary"
	"math"
)

// A 4-bit block, as llama.cpp's Q4_0: a half-precision scale, then 16 bytes of which the low
// halves are values 0 to 15 and the high halves 16 to 31, each stored plus 8.
const (
	blockValues = 32
	blockBytes  = 18
)

// half converts a half-precision float.
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exponent {
	case 0:
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// dequantise turns blocks into their values.
func dequantise(blocks []byte) []float32 {
	out := make([]float32, len(blocks)/blockBytes*blockValues)
	for b := 0; b*blockBytes < len(blocks); b++ {
		block, to := blocks[b*blockBytes:(b+1)*blockBytes], out[b*blockValues:(b+1)*blockValues]
		scale := half(binary.LittleEndian.Uint16(block))
		for i, v := range block[2:] {
			to[i] = (float32(v&15) - 8) * scale
			to[i+16] = (float32(v>>4) - 8) * scale
		}
	}
	return out
}

// splitBlocks turns blocks into ONNX int4 (two's complement, two values a byte in order) and
// their float32 scales, both as bytes.
func splitBlocks(blocks []byte) (values, scales []byte) {
	const signed = 0x88 // x+8 and x in 4-bit two's complement differ in the top bit
	n := len(blocks) / blockBytes
	values, scales = make([]byte, 0, n*16), make([]byte, 0, n*4)
	for b := range n {
		block := blocks[b*blockBytes : (b+1)*blockBytes]
		scale := half(binary.LittleEndian.Uint16(block))
		scales = binary.LittleEndian.AppendUint32(scales, math.Float32bits(scale))
		pairs := block[2:]
		for i := 0; i < 16; i += 2 {
			values = append(values, (pairs[i]&15|pairs[i+1]<<4)^signed)
		}
		for i := 0; i < 16; i += 2 {
			values = append(values, (pairs[i]>>4|pairs[i+1]&0xf0)^signed)
		}
	}
	return values, scales
}

// quantiseColumns turns a weight [out][in] into int8 [in][out] and a scale for each output, as
// onnxruntime's quantize_dynamic does with per_channel and reduce_range: symmetric, 7 bits,
// halves rounded to even.
func quantiseColumns(weight []float32, outputs, inputs int) (values []byte, scales []float32) {
	const most = 64
	values, scales = make([]byte, len(weight)), make([]float32, outputs)
	for o := range outputs {
		row := weight[o*inputs : (o+1)*inputs]
		var largest float32
		for _, v := range row {
			largest = max(largest, v, -v)
		}
		scale := float32(2 * float64(largest) / (2 * most))
		if scale < math.SmallestNonzeroFloat32*(1<<23) { // below the smallest normal number
			scale = 1
		}
		scales[o] = scale
		for i, v := range row {
			q := math.RoundToEven(float64(v / scale))
			values[i*outputs+o] = byte(int8(min(max(q, -most), most)))
		}
	}
	return values, scales
}
