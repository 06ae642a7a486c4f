package main

import (
	"fmt"

	"go.temporal.io/server/common/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// serverLog writes what the server says to stderr, until it is hushed: a server that stops loses sight of its own
// services and would report each.
type serverLog struct {
	log.Logger
	level zap.AtomicLevel
}

func newServerLog(level string) (*serverLog, error) {
	at, err := zap.ParseAtomicLevel(level)
	if err != nil {
		return nil, fmt.Errorf("--log-level %q: write debug, info, warn or error", level)
	}
	zapLog, err := zap.Config{
		Level:             at,
		Encoding:          "console",
		EncoderConfig:     log.DefaultZapEncoderConfig,
		OutputPaths:       []string{"stderr"},
		ErrorOutputPaths:  []string{"stderr"},
		DisableStacktrace: true,
	}.Build()
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	return &serverLog{Logger: log.NewZapLogger(zapLog), level: at}, nil
}

func (l *serverLog) hush() { l.level.SetLevel(zapcore.FatalLevel) }
