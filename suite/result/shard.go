package result

import (
	"fmt"
	"strconv"
	"strings"
)

// Shard is part of a run that several machines share: part Index, from 1, of Of parts. The zero value is the whole run.
type Shard struct{ Index, Of int }

// ParseShard reads "2/5".
func ParseShard(text string) (Shard, bool) {
	index, of, found := strings.Cut(text, "/")
	i, errIndex := strconv.Atoi(index)
	n, errOf := strconv.Atoi(of)
	if !found || errIndex != nil || errOf != nil || i < 1 || i > n {
		return Shard{}, false
	}
	return Shard{i, n}, true
}

func (s Shard) String() string {
	if s == (Shard{}) {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}
