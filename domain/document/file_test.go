package document_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/fstest"

	"perennial/domain/document"
	"perennial/domain/problem"
)

// TestOnlyOrdinaryFilesAreRead: whatever else lies in a folder is said to be there, at once; nobody waits for a pipe.
func TestOnlyOrdinaryFilesAreRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for name, put := range map[string]func() error{
		"good.yaml":    func() error { return os.WriteFile(at("good.yaml"), []byte("a: b"), 0o600) },
		"link.yaml":    func() error { return os.Symlink("good.yaml", at("link.yaml")) },
		"locked.yaml":  func() error { return os.WriteFile(at("locked.yaml"), []byte("a: b"), 0) },
		"folder.yaml":  func() error { return os.Mkdir(at("folder.yaml"), 0o700) },
		"pipe.yaml":    func() error { return syscall.Mkfifo(at("pipe.yaml"), 0o600) },
		"device.yaml":  func() error { return os.Symlink("/dev/zero", at("device.yaml")) },
		"loop.yaml":    func() error { return os.Symlink("loop.yaml", at("loop.yaml")) },
		"nowhere.yaml": func() error { return os.Symlink("gone", at("nowhere.yaml")) },
		"large.yaml": func() error {
			if err := os.WriteFile(at("large.yaml"), nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(at("large.yaml"), 1<<40) // a sparse terabyte
		},
	} {
		if err := put(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"good.yaml":    "",
		"link.yaml":    "",
		"locked.yaml":  "the file can't be read: permission denied",
		"folder.yaml":  "this is a folder, not a file; give it another name",
		"pipe.yaml":    "this is no ordinary file; write a file in its place",
		"device.yaml":  "this is no ordinary file; write a file in its place",
		"loop.yaml":    "the file can't be read: too many levels of symbolic links",
		"nowhere.yaml": "there is no such file; write it, or mend the link that leads to it",
		"missing.yaml": "there is no such file; write it, or mend the link that leads to it",
		"large.yaml":   "the file is larger than 1 MB; split it",
	} {
		if name == "locked.yaml" && os.Geteuid() == 0 {
			want = "" // root reads everything
		}
		var problems problem.List
		source, ok := document.ReadFile(os.DirFS(folder), name, &problems)
		if want == "" {
			if !ok || string(source) != "a: b" || !problems.Empty() {
				t.Errorf("%s: %q, %v, %v", name, source, ok, problems.Sorted())
			}
			continue
		}
		if ok || problems.Len() != 1 || problems.Sorted()[0].String() != name+": "+want {
			t.Errorf("%s: %v, want %s", name, problems.Sorted(), want)
		}
	}
}

func TestAFolderOfThousandsOfFilesIsReadInPart(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for i := range document.MaxFiles + 1 {
		files[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{}
	}
	var problems problem.List
	if got := document.Files(files, "*.yaml", &problems); len(got) != document.MaxFiles || problems.Len() != 1 {
		t.Errorf("%d files, %v", len(got), problems.Sorted())
	}
	if got := document.Files(fstest.MapFS{"a.yaml": {}, "b.txt": {}}, "*.yaml", &problems); len(got) != 1 || problems.Len() != 1 {
		t.Errorf("%d files, %v", len(got), problems.Sorted())
	}
}

func TestAFileWithTheWrongEndingIsNotPassedOverInSilence(t *testing.T) {
	t.Parallel()
	var problems problem.List
	document.NotRead(fstest.MapFS{"calendars/gb.yml": {}, "calendars/us.yaml": {}}, "calendars/*.yml", ".yaml", &problems)
	if got := fmt.Sprint(problems.Sorted()); got != "[calendars/gb.yml: this file is not read; name it gb.yaml]" {
		t.Errorf("got %s", got)
	}
}
