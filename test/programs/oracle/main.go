// Command oracle judges documents by image-spec's own schemas and validator, so that a test can compare
// its verdicts with those of `pullproof validate`. It reads lines of JSON from standard input and answers
// each with a line; with -bench it judges them again and again, and answers how often. Not part of the
// product.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/opencontainers/image-spec/schema"
)

// lineBytesMax bounds one document in base64, with what is around it.
const lineBytesMax = 1 << 20

type question struct {
	Kind     string `json:"kind"`
	Document []byte `json:"document"`
}

type answer struct {
	Valid bool   `json:"valid"`
	Error string `json:"error"`
}

var validators = map[string]schema.Validator{
	"descriptor": schema.ValidatorMediaTypeDescriptor,
	"manifest":   schema.ValidatorMediaTypeManifest,
	"index":      schema.ValidatorMediaTypeImageIndex,
	"config":     schema.ValidatorMediaTypeImageConfig,
}

func judge(q question) (answer, error) {
	validator, known := validators[q.Kind]
	if !known {
		return answer{}, fmt.Errorf("no validator for kind %q", q.Kind)
	}
	if err := validator.Validate(bytes.NewReader(q.Document)); err != nil {
		return answer{Error: err.Error()}, nil
	}
	return answer{Valid: true}, nil
}

// measure judges the questions in turns, one after the other, until the time is over.
func measure(questions []question, forTime time.Duration) error {
	judged := 0
	start := time.Now()
	for time.Since(start) < forTime {
		for _, q := range questions {
			if a, err := judge(q); err != nil || !a.Valid {
				return fmt.Errorf("a document to measure with is not valid: %s %v", a.Error, err)
			}
		}
		judged += len(questions)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"documents": float64(judged),
		"seconds":   time.Since(start).Seconds(),
	})
}

func run(benchTime time.Duration) error {
	var questions []question
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, lineBytesMax)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return fmt.Errorf("reading a question: %w", err)
		}
		if benchTime > 0 {
			questions = append(questions, q)
			continue
		}
		a, err := judge(q)
		if err != nil {
			return err
		}
		if err := encoder.Encode(a); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if len(questions) > 0 {
		return measure(questions, benchTime)
	}
	return out.Flush()
}

func main() {
	benchTime := flag.Duration("bench", 0, "judge the documents for so long, and tell how many")
	flag.Parse()
	if err := run(*benchTime); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}
