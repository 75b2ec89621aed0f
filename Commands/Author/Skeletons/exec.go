// @NAME@
//
// Build it: @BUILD@
//
// The message is on standard input, an argument such as who=me in TRIGGERFS_ARG_WHO. What this prints is the answer, as it
// comes; the exit code tells whether all is well. It gets SIGTERM when its time is up, or nobody wants it any more.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	message, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("hello %s\n", os.Getenv("TRIGGERFS_ARG_WHO"))
	fmt.Printf("you said: %s\n", strings.TrimSpace(string(message)))
}
