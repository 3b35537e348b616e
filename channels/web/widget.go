package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"
)

//go:embed widget
var widgetFiles embed.FS

// widget is the chat that sites embed: modules and a style sheet as they are in the folder, under an
// address that names their content, and the entrance that loads them.
type widget struct {
	files    map[string][]byte
	version  string // hash of all files
	entrance []byte
}

func newWidget() widget {
	entries, err := widgetFiles.ReadDir("widget")
	if err != nil {
		panic(err) // the folder is embedded
	}
	w := widget{files: map[string][]byte{}}
	sum := sha256.New()
	for _, e := range entries {
		data, err := fs.ReadFile(widgetFiles, path.Join("widget", e.Name()))
		if err != nil {
			panic(err)
		}
		w.files[e.Name()] = data
		fmt.Fprintf(sum, "%s %d\n%s", e.Name(), len(data), data)
	}
	w.version = hex.EncodeToString(sum.Sum(nil))[:16]
	w.entrance = w.loader()
	return w
}

// loader is /widget.js. It names every module, so that a browser fetches all of them at once
// instead of finding them one behind the other.
func (w widget) loader() []byte {
	var b bytes.Buffer
	names := make([]string, 0, len(w.files))
	for name := range w.files {
		if path.Ext(name) == ".js" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if name != "main.js" {
			fmt.Fprintf(&b, "import \"./widget/%s/%s\";\n", w.version, name)
		}
	}
	fmt.Fprintf(&b, "import { start } from \"./widget/%s/main.js\";\nstart(import.meta.url);\n", w.version)
	return b.Bytes()
}

// routes are what every site may load: module scripts and their style sheet come by CORS.
func (w widget) routes(r chi.Router) {
	r.Get("/widget.js", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Access-Control-Allow-Origin", "*")
		rw.Header().Set("Cache-Control", "no-cache")
		rw.Header().Set("ETag", `"`+w.version+`"`)
		serve(rw, r, "widget.js", w.entrance)
	})
	r.Get("/widget/{version}/{name}", func(rw http.ResponseWriter, r *http.Request) {
		data, ok := w.files[chi.URLParam(r, "name")]
		if !ok {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Access-Control-Allow-Origin", "*")
		rw.Header().Set("Cache-Control", "no-cache") // of another version: a page loaded while the server was replaced
		if chi.URLParam(r, "version") == w.version {
			rw.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		serve(rw, r, chi.URLParam(r, "name"), data)
	})
}

func serve(w http.ResponseWriter, r *http.Request, name string, data []byte) {
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
