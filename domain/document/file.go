package document

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"perennial/domain/problem"
)

// MaxFiles is how many files of one kind a folder may hold. It is far above what a business writes.
const MaxFiles = 2_000

// ReadFile returns what an ordinary file of at most MaxBytes holds; not ok, with a problem, where there is none. It waits for nothing that
// isn't there yet, such as the other end of a pipe, and never takes more than MaxBytes into memory.
func ReadFile(fsys fs.FS, file string, problems *problem.List) (source []byte, ok bool) {
	refuse := func(what, mend string) ([]byte, bool) {
		problems.Add(problem.Place{File: file}, what, mend)
		return nil, false
	}
	info, err := fs.Stat(fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refuse("there is no such file", "write it, or mend the link that leads to it")
	case err != nil:
		return refuse("the file can't be read: "+reason(err), "")
	case info.IsDir():
		return refuse("this is a folder, not a file", "give it another name")
	case !info.Mode().IsRegular():
		return refuse("this is no ordinary file", "write a file in its place")
	case info.Size() > MaxBytes:
		return refuse(tooLarge, "split it")
	}
	opened, err := fsys.Open(file)
	if err != nil {
		return refuse("the file can't be read: "+reason(err), "")
	}
	source, err = io.ReadAll(io.LimitReader(opened, MaxBytes+1)) // it may have grown
	if closed := opened.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return refuse("the file can't be read: "+reason(err), "")
	}
	return source, true
}

// ReadFileIfThere is ReadFile of a file that need not be there: where there is none it is not ok, without a problem.
func ReadFileIfThere(fsys fs.FS, file string, problems *problem.List) (source []byte, ok bool) {
	if _, err := fs.Stat(fsys, file); errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	return ReadFile(fsys, file, problems)
}

// Files returns the files of a folder that match a pattern, sorted by name. More than MaxFiles are a problem, and those over it are left out.
func Files(fsys fs.FS, pattern string, problems *problem.List) []string {
	files, err := fs.Glob(fsys, pattern)
	if err != nil {
		problems.Add(problem.Place{File: pattern}, "the folder can't be listed", "")
		return nil
	}
	if len(files) > MaxFiles {
		problems.Add(problem.Place{File: pattern}, fmt.Sprintf("there are %d files here, and at most %d are read", len(files), MaxFiles), "move what is not in use")
		files = files[:MaxFiles]
	}
	return files
}

// NotRead adds a problem for each file that matches a pattern and would be read if it ended otherwise: nobody is to wonder why it does nothing.
func NotRead(fsys fs.FS, pattern, ending string, problems *problem.List) {
	for _, file := range Files(fsys, pattern, problems) {
		problems.Add(problem.Place{File: file}, "this file is not read", "name it "+strings.TrimSuffix(path.Base(file), path.Ext(file))+ending)
	}
}

// tooLarge is what is said of a file over MaxBytes.
const tooLarge = "the file is larger than 1 MB"

// reason is why a file can't be read, without the path, which the problem has already.
func reason(err error) string {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err.Error()
	}
	return err.Error()
}

// Text returns a file as UTF-8 without the mark that some editors put in front of it; not ok, with a problem at its place, where it is too large,
// or something stands in it that is no text.
func Text(file string, source []byte, problems *problem.List) (string, bool) {
	whole := problem.Place{File: file}
	if len(source) > MaxBytes {
		problems.Add(whole, tooLarge, "split it")
		return "", false
	}
	written := string(source)
	if len(written) >= 2 && (written[:2] == "\xff\xfe" || written[:2] == "\xfe\xff") {
		problems.Add(whole, "the file is UTF-16", "save it as UTF-8")
		return "", false
	}
	if len(written) >= 3 && written[:3] == "\ufeff" {
		written = written[3:]
	}
	at := problem.Place{File: file, Line: 1, Column: 1}
	for i, r := range written {
		switch {
		case r == utf8.RuneError && isBroken(written[i:]):
			problems.Add(at, "this is not UTF-8", "save the file as UTF-8")
			return "", false
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r == 0x7f:
			problems.Add(at, fmt.Sprintf("a control character (%U) stands here", r), "delete it; this may be no text at all")
			return "", false
		}
		if at.Column++; r == '\n' {
			at.Line, at.Column = at.Line+1, 1
		}
	}
	return written, true
}

// isBroken says whether text begins with what is no character, rather than with the one that stands for such.
func isBroken(text string) bool {
	_, size := utf8.DecodeRuneInString(text)
	return size == 1
}
