package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// A dashboard has what the picture and the test need of Grafana's JSON.
type dashboard struct {
	Title      string `json:"title"`
	Panels     []panel
	Templating struct {
		List []struct {
			Name  string          `json:"name"`
			Query json.RawMessage `json:"query"` // a text, or an object with a query
		} `json:"list"`
	} `json:"templating"`
}

type panel struct {
	Type    string
	Title   string
	GridPos struct{ X, Y, W, H int } `json:"gridPos"`
	Field   struct {
		Defaults struct{ Unit string }
	} `json:"fieldConfig"`
	Targets []target
}

type target struct {
	Expr   string
	Legend string `json:"legendFormat"`
}

func readDashboard(file string) (*dashboard, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &d, nil
}

// query returns the expression of a target as Grafana sends it for all operations.
func (t target) query() string {
	return strings.NewReplacer("$operation", ".*", "$__rate_interval", rateInterval).Replace(t.Expr)
}

// rateInterval is what Grafana would choose for a scrape interval of 3 s: 4 of them.
const rateInterval = "12s"
