package config

import (
	"fmt"
	"slices"
)

// found is what the sources so far say.
type found struct {
	merchants []Merchant
	// selected reports that there is one merchant, which the environment or the
	// program has named. Settings of other merchants do not matter then.
	selected bool
}

// read reads all sources and merges what they say of a merchant.
func (o options) read() ([]Merchant, error) {
	var all found
	for _, s := range o.sources {
		merchants, err := s.read()
		if err != nil {
			return nil, err
		}
		if all, err = all.and(found{merchants, isSelection(s)}); err != nil {
			return nil, err
		}
	}
	return all.merchants, nil
}

// isSelection reports whether a source has the settings of one merchant that is
// wanted, and not those of all that there are.
func isSelection(s source) bool {
	switch s.(type) {
	case environment, values:
		return true
	}
	return false
}

// and returns f, completed by the settings of next.
func (f found) and(next found) (found, error) {
	switch {
	case len(next.merchants) == 0:
		return f, nil
	case len(f.merchants) == 0:
		return next, nil
	case f.selected && next.selected:
		f.merchants[0].complete(next.merchants[0])
		return f, nil
	case f.selected:
		return choose(f.merchants[0], next.merchants, func(selection, m *Merchant) Merchant {
			selection.complete(*m)
			return *selection
		})
	case next.selected:
		return choose(next.merchants[0], f.merchants, func(selection, m *Merchant) Merchant {
			m.complete(*selection)
			return *m
		})
	}
	return union(f.merchants, next.merchants)
}

// choose finds the merchant of a selection, which join completes.
func choose(selection Merchant, all []Merchant, join func(selection, m *Merchant) Merchant) (found, error) {
	i := slices.IndexFunc(all, func(m Merchant) bool { return m.MchID == selection.MchID })
	switch {
	case i >= 0:
	case len(all) == 1:
		i = 0 // even the number of the merchant is a setting that the first source sets
	case selection.MchID != "": // the others are not meant
		return found{[]Merchant{selection}, true}, nil
	case selection.hasOnlyBaseURL():
		for i := range all {
			one := selection
			all[i] = join(&one, &all[i])
		}
		return found{all, false}, nil
	default:
		return found{}, fmt.Errorf("%s has %s, and %s has %d merchants; set WECHATPAY_MCHID to the one that is meant",
			selection.origin, selection.first(), all[0].origin, len(all))
	}
	return found{[]Merchant{join(&selection, &all[i])}, true}, nil
}

// union has the merchants of both, and those of both completed.
func union(first, next []Merchant) (found, error) {
	if len(first) == 1 && len(next) == 1 && (first[0].MchID == "" || next[0].MchID == "") {
		first[0].complete(next[0])
		return found{first, false}, nil
	}
	for _, m := range next {
		i := slices.IndexFunc(first, func(f Merchant) bool { return f.MchID == m.MchID })
		if i >= 0 {
			first[i].complete(m)
		} else {
			first = append(first, m)
		}
	}
	for _, m := range first {
		if m.MchID == "" {
			return found{}, at(m.origin, fmt.Errorf("there are %d merchants, and this one has no mchid", len(first)))
		}
	}
	return found{first, false}, nil
}

func (m Merchant) hasOnlyBaseURL() bool {
	url := m.BaseURL
	m.BaseURL = ""
	return url != "" && m.first() == ""
}

// first returns the key of the first setting that m has.
func (m Merchant) first() string {
	for _, s := range m.settings() {
		if *s.value != "" {
			return s.key
		}
	}
	return ""
}
