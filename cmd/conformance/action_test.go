package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
)

// action is the part of the composite GitHub Action that the tests check.
type action struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []struct {
			Name, ID, Uses, Shell, Run, If string
			Env, With                      map[string]string
		}
	}
}

const actionFolder = "../../.github/actions/conformance"

func readAction(t *testing.T) (a action, text string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(actionFolder, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, &a); err != nil {
		t.Fatal(err)
	}
	return a, string(content)
}

func TestActionIsWellFormed(t *testing.T) {
	a, text := readAction(t)
	if a.Runs.Using != "composite" || a.Name == "" || a.Description == "" {
		t.Errorf("got name %q (%s), runs using %q", a.Name, a.Description, a.Runs.Using)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("the input %s is not used or not described", name)
		}
		delete(used, name)
	}
	for name := range used {
		t.Errorf("the input %s is used but not declared", name)
	}
	for _, step := range a.Runs.Steps {
		switch {
		case (step.Uses == "") == (step.Run == ""):
			t.Errorf("the step %q must either use an action or run a script", step.Name)
		case step.Run != "" && step.Shell != "bash":
			t.Errorf("the step %q names no shell, which composite actions require", step.Name)
		case strings.Contains(step.Run, "${{"):
			t.Errorf("the step %q puts values into the text of its script", step.Name)
		case step.Uses != "" && !regexp.MustCompile(`^[a-z-]+/[a-z-]+@v\d+$`).MatchString(step.Uses):
			t.Errorf("the step %q uses %q", step.Name, step.Uses)
		}
		for _, v := range step.With {
			if path, found := strings.CutPrefix(v, "${{ github.action_path }}"); found {
				if _, err := os.Stat(filepath.Join(actionFolder, path)); err != nil {
					t.Errorf("the step %q: %v", step.Name, err)
				}
			}
		}
	}
}

// TestActionRuns runs the action's scripts as GitHub Actions would, against a conformant server and one that is not.
func TestActionRuns(t *testing.T) {
	thorough(t)
	a, _ := readAction(t)
	folder, err := filepath.Abs(actionFolder)
	if err != nil {
		t.Fatal(err)
	}
	const ref = "v1.2.3" // after the @ in the workflow
	temp, built := t.TempDir(), false
	published := t.TempDir()
	releases := httptest.NewServer(http.FileServer(http.Dir(published)))
	defer releases.Close()
	set := map[string]string{
		"${{ github.action_ref }}": ref, "${{ runner.os }}": "Linux", "${{ runner.arch }}": map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH],
		"${{ github.server_url }}/${{ github.action_repository }}/releases/download": releases.URL,
	}
	expression := regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)
	run := func(t *testing.T, inputs map[string]string) (log, outputs, summary string, code int) {
		t.Helper()
		work := t.TempDir()
		files := []string{"GITHUB_OUTPUT=" + filepath.Join(work, "outputs"), "GITHUB_STEP_SUMMARY=" + filepath.Join(work, "summary.md")}
		for _, step := range a.Runs.Steps {
			released, _ := os.ReadFile(filepath.Join(work, "outputs"))
			if step.Run == "" || built && step.ID != "run" || step.If == "steps.released.outputs.found != 'true'" && strings.Contains(string(released), "found=true") {
				continue
			}
			cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
			cmd.Dir = work
			cmd.Env = slices.Concat(os.Environ(), files, []string{"GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH=" + folder, "RUNNER_TEMP=" + temp})
			for name, value := range step.Env {
				if given, found := set[value]; found {
					cmd.Env = append(cmd.Env, name+"="+given)
					continue
				}
				m := expression.FindStringSubmatch(value)
				if m == nil {
					t.Fatalf("%s is %q", name, value)
				}
				given, set := inputs[m[1]]
				if !set {
					given = a.Inputs[m[1]].Default
				}
				cmd.Env = append(cmd.Env, name+"="+given)
			}
			out, err := cmd.CombinedOutput()
			log += string(out)
			if _, failed := err.(*exec.ExitError); err != nil && !failed {
				t.Fatal(err)
			}
			if code = cmd.ProcessState.ExitCode(); code != 0 {
				break
			}
		}
		built = true
		read := func(name string) string {
			content, _ := os.ReadFile(filepath.Join(work, name))
			return string(content)
		}
		if results := read(filepath.Join(inputs["output"], "results.json")); inputs["output"] != "" && !strings.Contains(results, ref) {
			t.Errorf("want results in %s that name the suite's commit:\n%s", inputs["output"], log)
		}
		return log, read("outputs"), read("summary.md"), code
	}
	options := application.Options{Instances: 2}
	one, _ := fault.Find("errors/codes-off-by-one")
	broken := options
	one.Apply(&broken)
	for name, test := range map[string]struct {
		options application.Options
		code    int
		strict  string
		log     string
	}{
		"conformant":     {options, 0, "true", "PARTIAL:"},
		"not conformant": {broken, 1, "false", "::error"},
	} {
		cluster, err := application.Start(t.Context(), test.options)
		if err != nil {
			t.Fatal(err)
		}
		log, outputs, summary, code := run(t, map[string]string{
			"targets": strings.Join(cluster.URLs(), "\n") + "\n", "profile": "cluster", "edition": "4.8", "strict": test.strict, "output": "some reports",
			"args": "--only=errors/unknown-transport\n--skip\nheaders\n",
		})
		_ = cluster.Close(context.Background())
		if code != test.code || !strings.Contains(outputs, "exit-code="+map[int]string{0: "0", 1: "1"}[test.code]) {
			t.Errorf("%s: got exit code %d, outputs %q:\n%s", name, code, outputs, log)
		}
		if !strings.Contains(log, test.log) || !strings.Contains(summary, "Socket.IO conformance: ") {
			t.Errorf("%s: the log says %s\nthe summary %s", name, log, summary)
		}
	}
	if log, _, _, code := run(t, map[string]string{"args": "--only='; echo injected'"}); code != 2 || strings.Contains(log, "\ninjected") {
		t.Errorf("an argument that is not a flag leads to exit code %d:\n%s", code, log)
	}

	// A published release is used instead of a build, unless it is something else.
	binary := "conformance-linux-" + runtime.GOARCH
	content, err := os.ReadFile(filepath.Join(temp, "conformance"))
	if err != nil {
		t.Fatal(err)
	}
	publish := func(name string, content []byte) {
		if err := os.MkdirAll(filepath.Join(published, ref), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(published, ref, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	publish(binary, content)
	for sum, code := range map[[sha256.Size]byte]int{sha256.Sum256(content): 0, sha256.Sum256(nil): 4} {
		publish("SHA256SUMS", fmt.Appendf(nil, "%x  %s\n", sum, binary))
		temp, built = t.TempDir(), false
		log, outputs, _, got := run(t, map[string]string{"args": "--only=errors/unknown-transport"})
		if got != code || code == 0 && !strings.Contains(outputs, "found=true") || code == 4 && !strings.Contains(log, "::error::") {
			t.Errorf("got exit code %d, want %d, outputs %q:\n%s", got, code, outputs, log)
		}
	}
}
