// Grafana draws the panels of wxotel/grafana.json, without Grafana: it runs their
// queries with Prometheus' own engine over recorded metrics of wxotel.
//
//	go run . record RECORD [DURATION]       records calls of a sandbox with faults
//	go run . draw DASHBOARD RECORD PICTURE  draws the panels from a record
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("grafana: ")
	if err := run(context.Background(), os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 4 && args[0] == "draw":
		return drawFile(ctx, args[1], args[2], args[3])
	case len(args) == 3 && args[0] == "record":
		d, err := time.ParseDuration(args[2])
		if err != nil {
			return err
		}
		return recordFile(ctx, args[1], d)
	}
	return errors.New("usage: grafana record RECORD DURATION, or grafana draw DASHBOARD RECORD PICTURE")
}

func drawFile(ctx context.Context, dashboardFile, recordFile, pictureFile string) error {
	picture, err := picture(ctx, dashboardFile, recordFile)
	if err != nil {
		return err
	}
	return os.WriteFile(pictureFile, picture, 0o644)
}

// picture draws a dashboard from a record.
func picture(ctx context.Context, dashboardFile, recordFile string) ([]byte, error) {
	d, err := readDashboard(dashboardFile)
	if err != nil {
		return nil, err
	}
	r, err := readRecord(recordFile)
	if err != nil {
		return nil, err
	}
	return draw(ctx, d, r)
}

//go:generate go run . draw ../grafana.json record.jsonl.gz ../../docs/grafana.svg
