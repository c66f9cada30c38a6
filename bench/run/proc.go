package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/PID/stat: USER_HZ, which is 100 on
// every platform that Go runs on under Linux.
const tick = 10 * time.Millisecond

// cpuTime is what a process has used.
type cpuTime struct{ user, system time.Duration }

func (c cpuTime) total() time.Duration { return c.user + c.system }

func (c cpuTime) minus(d cpuTime) cpuTime { return cpuTime{c.user - d.user, c.system - d.system} }

// processTime reads the CPU time of a process and all its threads.
func processTime(pid int) (cpuTime, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return cpuTime{}, err
	}
	return parseStat(string(b))
}

// parseStat finds utime and stime, the fields 14 and 15 of proc(5). The second
// field is the program's name in parentheses and may hold anything.
func parseStat(s string) (cpuTime, error) {
	i := strings.LastIndexByte(s, ')')
	fields := strings.Fields(s[i+1:])
	if i < 0 || len(fields) < 13 {
		return cpuTime{}, fmt.Errorf("not a line of /proc/PID/stat: %q", s)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		return cpuTime{}, fmt.Errorf("not a line of /proc/PID/stat: %q", s)
	}
	return cpuTime{time.Duration(user) * tick, time.Duration(system) * tick}, nil
}

// residentBytes is the memory of a process that is in RAM.
func residentBytes(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}

// bufferErrors counts the datagrams that the kernel has dropped because a
// socket's buffer was full, of all processes.
func bufferErrors() int {
	b, err := os.ReadFile("/proc/net/snmp")
	if err != nil {
		return 0
	}
	return parseSNMP(string(b), "RcvbufErrors")
}

func parseSNMP(s, name string) int {
	var names []string
	for line := range strings.Lines(s) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "Udp:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		for i, f := range names {
			if f == name && i < len(fields) {
				n, _ := strconv.Atoi(fields[i])
				return n
			}
		}
	}
	return 0
}

// host describes the machine, so that figures are not read without it.
func host() string {
	field := func(file, key string) string {
		b, err := os.ReadFile(file)
		if err != nil {
			return "unknown"
		}
		for line := range strings.Lines(string(b)) {
			if rest, ok := strings.CutPrefix(line, key); ok {
				return strings.Trim(rest, " \t:\n")
			}
		}
		return "unknown"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\n")
	fmt.Fprintf(&b, "- CPU: %s, %d cores\n", field("/proc/cpuinfo", "model name"), runtime.NumCPU())
	fmt.Fprintf(&b, "- Kernel: %s\n", field("/proc/sys/kernel/osrelease", ""))
	fmt.Fprintf(&b, "- Go: %s, %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(&b, "- Largest socket buffer: %s bytes\n", field("/proc/sys/net/core/rmem_max", ""))
	fmt.Fprintf(&b, "- Load before the run: %s\n", field("/proc/loadavg", ""))
	return b.String()
}
