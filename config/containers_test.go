package config

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// service is what is looked at of a container in compose.yaml.
type service struct {
	Image       string            `yaml:"image"`
	Environment map[string]string `yaml:"environment"`
	EnvFile     []string          `yaml:"env_file"`
}

// ofOthers are variables that no field of [Config] reads: of Temporal's tools, and of the database's container.
var ofOthers = []string{"TEMPORAL_NAMESPACE", "POSTGRES_PASSWORD"}

func TestContainersAreGivenVariablesThatExist(t *testing.T) {
	t.Parallel()
	known := slices.Clone(ofOthers)
	for _, v := range (Config{}).variables() {
		known = append(known, v.name)
	}
	given := exampleVariables(t)
	ours := 0
	for name, s := range services(t) {
		if s.Image != "perennial" {
			continue
		}
		ours++
		if !slices.Equal(s.EnvFile, []string{"perennial.env"}) {
			t.Errorf("%s reads the variables of %v", name, s.EnvFile)
		}
		given = append(given, slices.Collect(maps.Keys(s.Environment))...)
	}
	if ours != 3 {
		t.Errorf("%d containers are ours, want migrate, worker and gateway", ours)
	}
	for _, name := range given {
		if !slices.Contains(known, name) {
			t.Errorf("%s is given to containers, and nothing reads it", name)
		}
	}
}

func TestTheConfigurationOfContainersIsValid(t *testing.T) {
	t.Parallel()
	filled := map[string]string{"GATEWAY_TOKEN": "a long random word", "PUBLIC_URL": "https://perennial.example.com", "POSTGRES_PASSWORD": "secret"}
	for name, s := range services(t) {
		if s.Image != "perennial" {
			continue
		}
		environment := maps.Clone(filled)
		for variable, value := range s.Environment {
			environment[variable] = interpolation.ReplaceAllStringFunc(value, func(reference string) string {
				return filled[interpolation.FindStringSubmatch(reference)[1]]
			})
		}
		if _, err := parse(environment); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// interpolation is a reference such as ${NAME:?message}.
var interpolation = regexp.MustCompile(`\$\{(\w+)(:\?[^}]*)?\}`)

func TestImagesAreOfOneVersion(t *testing.T) {
	t.Parallel()
	for name, s := range services(t) {
		if s.Image == "perennial" {
			continue
		}
		if _, version, pinned := strings.Cut(s.Image, ":"); !pinned || strings.Count(version, ".") == 0 {
			t.Errorf("%s: %s may be another tomorrow", name, s.Image)
		}
	}
}

func services(t *testing.T) map[string]service {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "deploy", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]service `yaml:"services"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Services
}

// exampleVariables are those of the example, the ones in comments too.
func exampleVariables(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "deploy", "perennial.env.example"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range regexp.MustCompile(`(?m)^#?([A-Z_]+)=`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, found[1])
	}
	if len(names) < 5 {
		t.Fatalf("the example has only %v", names)
	}
	return names
}
