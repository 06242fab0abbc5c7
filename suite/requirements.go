package suite

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// LatestRequirements names everything that the catalogue of this build asks for, whatever was frozen.
const LatestRequirements = "latest"

// RequirementSet is what a release of the suite asked for. In a run against a set, only its cases gate, and no case at a
// higher level than it had then. So a newer suite fails nobody who passed before.
type RequirementSet struct {
	Name   string // the version of the release
	Digest string // SHA-256 of its files, in hexadecimal

	levels map[Edition]map[string]Level // by the first edition that asks for it, and ID
}

var requirementSets []*RequirementSet // from the oldest to the newest

// AddRequirements registers the sets in files. Each set is a folder named after the version of its release. A file "4.5.txt"
// lists the cases that came with edition 4.5: the heading "required" or "recommended", then one ID per line. Renamed maps
// the former IDs of cases to their current ones. It panics if a file is malformed: that is a mistake of the suite's author.
func AddRequirements(files fs.FS, renamed map[string]string) struct{} {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(fmt.Sprintf("suite: the requirement sets: %v", err))
	}
	for _, folder := range folders {
		set, err := readRequirements(files, folder.Name(), renamed)
		if err != nil {
			panic(fmt.Sprintf("suite: the requirement set %s: %v", folder.Name(), err))
		}
		requirementSets = append(requirementSets, set)
	}
	slices.SortFunc(requirementSets, func(a, b *RequirementSet) int { return compareVersions(a.Name, b.Name) })
	return struct{}{}
}

func readRequirements(files fs.FS, name string, renamed map[string]string) (*RequirementSet, error) {
	s := &RequirementSet{Name: name, levels: map[Edition]map[string]Level{}}
	entries, err := fs.ReadDir(files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, entry := range entries {
		edition := Edition(strings.TrimSuffix(entry.Name(), ".txt"))
		if !slices.Contains(Editions, edition) {
			return nil, fmt.Errorf("%s is of no edition", entry.Name())
		}
		content, err := fs.ReadFile(files, path.Join(name, entry.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(content), content)
		if s.levels[edition], err = parseRequirements(string(content), renamed); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
	}
	s.Digest = hex.EncodeToString(sum.Sum(nil))
	return s, nil
}

func parseRequirements(content string, renamed map[string]string) (map[string]Level, error) {
	levels, level := map[string]Level{}, Level("")
	lines := bufio.NewScanner(strings.NewReader(content))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "":
		case line == string(Required), line == string(Recommended):
			level = Level(line)
		case level == "":
			return nil, fmt.Errorf("%q is under no level", line)
		default:
			id := current(line, renamed)
			if levels[id] != "" {
				return nil, fmt.Errorf("%q is there twice", line)
			}
			levels[id] = level
		}
	}
	return levels, lines.Err()
}

// current returns the ID that a case has today.
func current(id string, renamed map[string]string) string {
	for range renamed { // bounds the loop in case of a cycle
		next, ok := renamed[id]
		if !ok {
			break
		}
		id = next
	}
	return id
}

// Level returns the level of a case in an edition of the set; ok is false if the set does not hold the case.
func (s *RequirementSet) Level(id string, edition Edition) (level Level, ok bool) {
	for since, levels := range s.levels {
		if level, ok = levels[id]; ok && edition.Covers(since) {
			return level, true
		}
	}
	return "", false
}

// IDs returns the IDs of the cases of all editions of the set, sorted.
func (s *RequirementSet) IDs() (all []string) {
	for _, levels := range s.levels {
		all = slices.AppendSeq(all, maps.Keys(levels))
	}
	slices.Sort(all)
	return all
}

// Requirements returns the sets that were frozen, from the oldest to the newest.
func Requirements() []*RequirementSet { return slices.Clone(requirementSets) }

// RequirementNames returns the values that --requirements takes: the names of the sets, and [LatestRequirements].
func RequirementNames() (names []string) {
	for _, s := range requirementSets {
		names = append(names, s.Name)
	}
	return append(names, LatestRequirements)
}

// RequirementDigest returns the SHA-256 of the named set, in hexadecimal. For [LatestRequirements] it is that of the
// catalogue.
func RequirementDigest(name string) (digest string, ok bool) {
	s, ok := FindRequirements(name)
	switch {
	case !ok || name == "":
		return "", false
	case s == nil:
		return CatalogueDigest(), true
	}
	return s.Digest, true
}

// NewestRequirements returns the name of the set that was frozen last, or [LatestRequirements] if none was.
func NewestRequirements() string {
	if n := len(requirementSets); n > 0 {
		return requirementSets[n-1].Name
	}
	return LatestRequirements
}

// FindRequirements returns the set with that name: nil for [LatestRequirements] and for an empty name. ok is false if there
// is none.
func FindRequirements(name string) (s *RequirementSet, ok bool) {
	if name == LatestRequirements || name == "" {
		return nil, true
	}
	i := slices.IndexFunc(requirementSets, func(s *RequirementSet) bool { return s.Name == name })
	if i < 0 {
		return nil, false
	}
	return requirementSets[i], true
}

// compareVersions compares "1.9.0" with "1.10.0" by their numbers.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		n, errN := strconv.Atoi(as[i])
		m, errM := strconv.Atoi(bs[i])
		if c := cmp.Compare(n, m); errN == nil && errM == nil && c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(as), len(bs)), strings.Compare(a, b))
}
