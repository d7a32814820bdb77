// Package beijing reads and writes times as the platform does: in Beijing time.
package beijing

import (
	"errors"
	"time"
)

// DayLayout is the layout of Day.
const DayLayout = "20060102"

// In returns a time in Beijing's time zone.
func In(t time.Time) time.Time { return t.In(time.FixedZone("", 8*60*60)) }

// Format writes a time such as 2018-06-08T10:34:56+08:00.
func Format(t time.Time) string { return In(t).Format(time.RFC3339) }

// DateTime writes a time such as 2018-06-08 10:34:56.
func DateTime(t time.Time) string { return In(t).Format(time.DateTime) }

// Day writes the day of a time, such as 20180608.
func Day(t time.Time) string { return In(t).Format(DayLayout) }

// Second writes a time such as 20180608103456.
func Second(t time.Time) string { return In(t).Format(DayLayout + "150405") }

// Parse reads a time such as 2018-06-08T10:34:56+08:00. It refuses a time that
// Format cannot write.
func Parse(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if t = t.UTC(); err == nil && (t.Year() < 1 || t.Year() > 9999) {
		err = errors.New("its year does not have four digits")
	}
	return t, err
}
