package reference_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// servers are the folders that are meant to be read next to the protocol documents.
var servers = []string{".", "engineio", "packet", "redisadapter", "application"}

func parsed(t *testing.T, folder string) (*token.FileSet, []*ast.File) {
	t.Helper()
	set := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return set, files
}

// TestTheServersKnowNoFault checks names and comments: a reader of the servers should see only their rules.
func TestTheServersKnowNoFault(t *testing.T) {
	tells := regexp.MustCompile(`(?i)\bfaults?\b|\bfaulty\b|departure|on purpose`)
	for _, folder := range servers {
		set, files := parsed(t, folder)
		for _, file := range files {
			for _, group := range file.Comments {
				if found := tells.FindString(group.Text()); found != "" {
					t.Errorf("%s: the comment has %q", set.Position(group.Pos()), found)
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if name, ok := n.(*ast.Ident); ok && tells.MatchString(name.Name) {
					t.Errorf("%s: %s", set.Position(name.Pos()), name.Name)
				}
				return true
			})
		}
	}
}

// TestEachRuleIsSaid finds rules without a sentence, and defaults that call another method of their interface: such a call
// would not reach the method of a fault.
func TestEachRuleIsSaid(t *testing.T) {
	rules, defaults := 0, 0
	for _, folder := range servers {
		set, files := parsed(t, folder)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.TypeSpec:
					methods, ok := n.Type.(*ast.InterfaceType)
					if !ok || !strings.HasSuffix(n.Name.Name, "Rules") {
						return true
					}
					for _, method := range methods.Methods.List {
						rules++
						if name := method.Names[0].Name; !strings.HasPrefix(method.Doc.Text(), name+" ") {
							t.Errorf("%s: %s.%s does not say what it decides", set.Position(method.Pos()), n.Name.Name, name)
						}
					}
				case *ast.FuncDecl:
					if n.Recv == nil {
						return true
					}
					if of, ok := n.Recv.List[0].Type.(*ast.Ident); !ok || !strings.HasPrefix(of.Name, "Default") {
						return true
					}
					defaults++
					if !strings.HasPrefix(n.Doc.Text(), n.Name.Name+" ") {
						t.Errorf("%s: the default of %s does not say the rule", set.Position(n.Pos()), n.Name.Name)
					}
					if len(n.Recv.List[0].Names) > 0 {
						t.Errorf("%s: the default of %s names its receiver, as if it called another method", set.Position(n.Pos()), n.Name.Name)
					}
				}
				return true
			})
		}
	}
	if rules == 0 || rules != defaults {
		t.Errorf("%d rules and %d defaults", rules, defaults)
	}
	t.Logf("%d rules", rules)
}
