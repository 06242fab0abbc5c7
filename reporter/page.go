package reporter

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html"
	"net/url"
	"path"
	"reflect"
	"strings"
	"text/template/parse"

	"example.test/conformance/suite"
)

// The pages are written in the syntax of html/template, of which they use a part: fields, variables,
// functions, if, with, range and template. This file renders that part by itself, because the
// library finds methods by their names, which keeps each method of each type in the binary.

// markup is written as it is. Anything else is escaped; in an attribute that is an address it must be
// one of the web, too.
type markup string

// pages are templates by their names.
type pages struct {
	trees map[string]*parse.Tree
	funcs map[string]function
}

type function func(args []any) (any, error)

// parsePages reads the templates of a folder. It panics where one is malformed: a mistake of its author.
func parsePages(files embed.FS, pattern string, funcs map[string]function) *pages {
	p := &pages{map[string]*parse.Tree{}, funcs}
	names := map[string]any{}
	for name := range funcs {
		names[name] = true
	}
	entries, err := files.ReadDir(path.Dir(pattern))
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		if ok, _ := path.Match(path.Base(pattern), entry.Name()); !ok {
			continue
		}
		trees, err := parse.Parse(entry.Name(), asset(path.Join(path.Dir(pattern), entry.Name())), "{{", "}}", names)
		if err != nil {
			panic(err)
		}
		for name, tree := range trees {
			p.trees[name] = tree
		}
	}
	return p
}

// execute renders a template.
func (p *pages) execute(b *bytes.Buffer, name string, data any) (err error) {
	r := &rendering{pages: p, out: b}
	defer func() {
		if caught := recover(); caught != nil {
			problem, ok := caught.(renderError)
			if !ok {
				panic(caught)
			}
			err = errors.New(string(problem))
		}
	}()
	r.template(name, reflect.ValueOf(data))
	return nil
}

// rendering is one template under way.
type rendering struct {
	*pages
	out  *bytes.Buffer
	vars []variable
}

type variable struct {
	name  string
	value reflect.Value
}

type renderError string

func broken(format string, args ...any) { panic(renderError(fmt.Sprintf(format, args...))) }

func (r *rendering) template(name string, dot reflect.Value) {
	tree := r.trees[name]
	if tree == nil {
		broken("there is no template %q", name)
	}
	inner := &rendering{pages: r.pages, out: r.out, vars: []variable{{"$", dot}}}
	inner.node(tree.Root, dot)
}

func (r *rendering) node(n parse.Node, dot reflect.Value) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, one := range n.Nodes {
				r.node(one, dot)
			}
		}
	case *parse.TextNode:
		r.out.Write(n.Text)
	case *parse.CommentNode:
	case *parse.ActionNode:
		if v := r.pipe(n.Pipe, dot); len(n.Pipe.Decl) == 0 {
			r.print(v)
		}
	case *parse.TemplateNode:
		data := reflect.Value{}
		if n.Pipe != nil {
			data = r.pipe(n.Pipe, dot)
		}
		r.template(n.Name, data)
	case *parse.IfNode:
		r.branch(&n.BranchNode, dot, func(reflect.Value) { r.node(n.List, dot) })
	case *parse.WithNode:
		r.branch(&n.BranchNode, dot, func(v reflect.Value) { r.node(n.List, v) })
	case *parse.RangeNode:
		r.each(n, dot)
	default:
		broken("%s is not of the part that is rendered", n)
	}
}

// branch runs then where the condition holds, and the else part where not.
func (r *rendering) branch(n *parse.BranchNode, dot reflect.Value, then func(reflect.Value)) {
	depth := len(r.vars)
	if v := r.pipe(n.Pipe, dot); truth(v) {
		then(v)
	} else if n.ElseList != nil {
		r.node(n.ElseList, dot)
	}
	r.vars = r.vars[:depth]
}

func (r *rendering) each(n *parse.RangeNode, dot reflect.Value) {
	depth := len(r.vars)
	decl := n.Pipe.Decl
	undeclared := *n.Pipe
	undeclared.Decl = nil
	v := indirect(r.pipe(&undeclared, dot))
	if !truth(v) {
		if n.ElseList != nil {
			r.node(n.ElseList, dot)
		}
		return
	}
	if k := v.Kind(); k != reflect.Slice && k != reflect.Array {
		broken("range over %s", k)
	}
	for i := range v.Len() {
		switch len(decl) {
		case 1:
			r.vars = append(r.vars, variable{decl[0].Ident[0], v.Index(i)})
		case 2:
			r.vars = append(r.vars, variable{decl[0].Ident[0], reflect.ValueOf(i)}, variable{decl[1].Ident[0], v.Index(i)})
		}
		r.node(n.List, v.Index(i))
		r.vars = r.vars[:depth]
	}
}

func (r *rendering) pipe(p *parse.PipeNode, dot reflect.Value) (v reflect.Value) {
	for i, command := range p.Cmds {
		var piped []reflect.Value
		if i > 0 {
			piped = []reflect.Value{v}
		}
		v = r.command(command, dot, piped)
	}
	for _, d := range p.Decl {
		r.vars = append(r.vars, variable{d.Ident[0], v})
	}
	return v
}

func (r *rendering) command(c *parse.CommandNode, dot reflect.Value, piped []reflect.Value) reflect.Value {
	name, isFunction := c.Args[0].(*parse.IdentifierNode)
	if !isFunction {
		return r.operand(c.Args[0], dot)
	}
	var args []any
	for _, arg := range c.Args[1:] {
		args = append(args, bare(r.operand(arg, dot)))
	}
	for _, v := range piped {
		args = append(args, bare(v))
	}
	f := r.funcs[name.Ident]
	if f == nil {
		broken("there is no function %q", name.Ident)
	}
	result, err := f(args)
	if err != nil {
		broken("%s: %v", name.Ident, err)
	}
	return reflect.ValueOf(result)
}

func (r *rendering) operand(n parse.Node, dot reflect.Value) reflect.Value {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return fields(dot, n.Ident)
	case *parse.VariableNode:
		for i := len(r.vars) - 1; i >= 0; i-- {
			if r.vars[i].name == n.Ident[0] {
				return fields(r.vars[i].value, n.Ident[1:])
			}
		}
		broken("there is no variable %s", n.Ident[0])
	case *parse.ChainNode:
		return fields(r.operand(n.Node, dot), n.Field)
	case *parse.PipeNode:
		return r.pipe(n, dot)
	case *parse.IdentifierNode:
		return r.command(&parse.CommandNode{Args: []parse.Node{n}}, dot, nil)
	case *parse.StringNode:
		return reflect.ValueOf(n.Text)
	case *parse.NumberNode:
		return reflect.ValueOf(int(n.Int64))
	case *parse.BoolNode:
		return reflect.ValueOf(n.True)
	}
	broken("%s is not of the part that is rendered", n)
	return reflect.Value{}
}

// fields follows names into structs and maps.
func fields(v reflect.Value, names []string) reflect.Value {
	for _, name := range names {
		v = indirect(v)
		switch v.Kind() {
		case reflect.Struct:
			field := v.FieldByName(name)
			if !field.IsValid() {
				broken("%s has no field %s", v.Type(), name)
			}
			v = field
		case reflect.Map:
			v = v.MapIndex(reflect.ValueOf(name).Convert(v.Type().Key()))
		default:
			broken("field %s of what has none", name)
		}
	}
	return v
}

func indirect(v reflect.Value) reflect.Value {
	for (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

func bare(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

// truth is what html/template takes for true: what is not zero, nil or empty.
func truth(v reflect.Value) bool {
	if !v.IsValid() {
		return false
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() > 0
	case reflect.Struct:
		return true
	case reflect.Interface:
		return !v.IsNil() && truth(v.Elem())
	}
	return !v.IsZero()
}

// print writes a value, escaped for text and for quoted attributes.
func (r *rendering) print(v reflect.Value) {
	if v = indirect(v); !v.IsValid() {
		return
	}
	value := v.Interface()
	if raw, ok := value.(markup); ok {
		r.out.WriteString(string(raw))
		return
	}
	text := fmt.Sprint(value)
	if before := r.out.Bytes(); bytes.HasSuffix(before, []byte(`href="`)) || bytes.HasSuffix(before, []byte(`src="`)) {
		text = webAddress(text)
	}
	r.out.WriteString(html.EscapeString(text))
}

// webAddress lets addresses of the web, of this page and beside it through, and nothing that could run.
func webAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return "#"
	}
	return address
}

// comparisons and the like that html/template has, for the types that our pages compare.
var pageFuncs = map[string]function{
	"visible":      func(a []any) (any, error) { return Visible(fmt.Sprint(a[0])), nil },
	"line":         func(a []any) (any, error) { return VisibleLine(fmt.Sprint(a[0])), nil },
	"milliseconds": func(a []any) (any, error) { return milliseconds(a[0].(float64)), nil },
	"count":        func(a []any) (any, error) { return count(a[0].(int), a[1].(string)), nil },
	"word":         func(a []any) (any, error) { return word(suite.Outcome(fmt.Sprint(a[0]))), nil },
	"lower":        func(a []any) (any, error) { return strings.ToLower(fmt.Sprint(a[0])), nil },
	"tall":         func(a []any) (any, error) { return tall(fmt.Sprint(a[0])), nil },
	"eq":           func(a []any) (any, error) { return fmt.Sprint(a[0]) == fmt.Sprint(a[1]), nil },
	"ne":           func(a []any) (any, error) { return fmt.Sprint(a[0]) != fmt.Sprint(a[1]), nil },
	"gt":           func(a []any) (any, error) { return cmp.Compare(a[0].(int), a[1].(int)) > 0, nil },
	"not":          func(a []any) (any, error) { return !truth(reflect.ValueOf(a[0])), nil },
	"len":          func(a []any) (any, error) { return indirect(reflect.ValueOf(a[0])).Len(), nil },
	"index": func(a []any) (any, error) {
		return indirect(reflect.ValueOf(a[0])).Index(a[1].(int)).Interface(), nil
	},
	"or": func(a []any) (any, error) {
		for _, one := range a {
			if truth(reflect.ValueOf(one)) {
				return one, nil
			}
		}
		return a[len(a)-1], nil
	},
}
