package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// sleeping adds enrollments until as many sleep as was asked for, and measures by how much the databases grew for each.
func (b *bench) sleeping(ctx context.Context) error {
	more := b.Size.Sleepers - b.asleep
	b.report.Sleeping.Enrollments = b.asleep
	if more <= 0 {
		return b.weighWorker()
	}
	if err := b.need(ctx, more); err != nil {
		return err
	}
	ours, temporal, err := b.weigh(ctx)
	if err != nil {
		return err
	}
	const batch = 500 // so that it is seen how far it is
	for done := 0; done < more; done += batch {
		if err := b.sleepers(ctx, "", min(batch, more-done)); err != nil {
			return err
		}
		b.progress("sleeping enrollments", min(done+batch, more), more)
	}
	oursThen, temporalThen, err := b.weigh(ctx)
	if err != nil {
		return err
	}
	b.report.Sleeping.Enrollments = b.asleep
	each := float64(oursThen-ours) / float64(more)
	b.report.Sleeping.OurBytes = &each
	if temporal > 0 {
		each := float64(temporalThen-temporal) / float64(more)
		b.report.Sleeping.TemporalBytes = &each
	}
	return b.weighWorker()
}

// weigh returns how large the databases are; Temporal's is 0 where nobody can know.
func (b *bench) weigh(ctx context.Context) (ours, temporal int64, err error) {
	if err := b.db.QueryRow(ctx, sqlSize).Scan(&ours); err != nil {
		return 0, 0, asked("measure the database", err)
	}
	if b.TemporalFile != "" {
		temporal, err = sqliteBytes(b.TemporalFile)
		return ours, temporal, err
	}
	for _, url := range b.TemporalURLs {
		bytes, err := postgresBytes(ctx, url)
		if err != nil {
			return 0, 0, err
		}
		temporal += bytes
	}
	return ours, temporal, nil
}

// sqliteBytes is the size of a SQLite database with what has not been moved from its log into it.
func sqliteBytes(file string) (total int64, err error) {
	for _, part := range []string{file, file + "-wal"} {
		info, err := os.Stat(part)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("measure Temporal's database: %w", err)
		}
		total += info.Size()
	}
	return total, nil
}

func postgresBytes(ctx context.Context, url string) (total int64, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, fmt.Errorf("measure Temporal's database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return total, asked("measure Temporal's database", conn.QueryRow(ctx, sqlSize).Scan(&total))
}

// weighWorker reads how much memory the worker holds; only Linux tells.
func (b *bench) weighWorker() error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.WorkerPID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("measure the worker: %w", err)
	}
	kilobytes, err := strconv.ParseInt(field(status, "VmRSS", " kB"), 10, 64)
	if err != nil {
		return fmt.Errorf("measure the worker: %w", err)
	}
	bytes := kilobytes * 1024
	b.report.Sleeping.WorkerRSSBytes = &bytes
	return nil
}

// field is the value of a line "name: value unit" of a file of /proc.
func field(file []byte, name, unit string) string {
	for line := range bytes.Lines(file) {
		key, value, found := bytes.Cut(line, []byte(":"))
		if found && string(bytes.TrimSpace(key)) == name {
			return string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(value), []byte(unit))))
		}
	}
	return ""
}
