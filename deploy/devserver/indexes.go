package main

import (
	"fmt"
	"strings"
)

// dropIndexes drops the indexes of these lists, in an empty database.
func dropIndexes(db interface {
	Exec(statement string, args ...any) error
}, lists ...string) error {
	for _, list := range lists {
		for index := range strings.FieldsSeq(list) {
			if err := db.Exec("DROP INDEX " + index); err != nil {
				return fmt.Errorf("dropping index %s: %w", index, err)
			}
		}
	}
	return nil
}

// spareIndexes are those of Temporal's table of runs that cost more than they are of use here. By most of them nobody looks: they are of slots that
// [searchAttributes] leaves empty, and of what enrollments don't have. The first two are of Step and NextAt, which each step writes: a new value in any
// index would have PostgreSQL write all others of the row anew. A filter that would use one of them looks at all runs instead, or at those that another
// part of it leaves.
const spareIndexes = `
	by_keyword_05 by_datetime_01
	by_bool_01 by_bool_02 by_bool_03 by_datetime_02 by_datetime_03 by_double_01 by_double_02 by_double_03 by_int_03
	by_keyword_06 by_keyword_07 by_keyword_08 by_keyword_09 by_keyword_10
	by_history_length by_history_size_bytes by_execution_duration by_state_transition_count
	by_parent_workflow_id by_parent_run_id by_root_workflow_id by_root_run_id
	by_batcher_user by_temporal_pause_info
	by_temporal_worker_deployment_version by_temporal_workflow_versioning_behavior by_temporal_worker_deployment
	by_temporal_bool_01 by_temporal_bool_02 by_temporal_datetime_01 by_temporal_datetime_02 by_temporal_double_01 by_temporal_double_02
	by_temporal_int_01 by_temporal_int_02 by_temporal_keyword_01 by_temporal_keyword_02 by_temporal_keyword_03 by_temporal_keyword_04
	by_temporal_low_cardinality_keyword_01`

// sparePostgresIndexes are those more that only PostgreSQL has.
const sparePostgresIndexes = `
	by_text_01 by_text_02 by_text_03 by_keyword_list_01 by_keyword_list_02 by_keyword_list_03
	by_temporal_keyword_list_01 by_temporal_keyword_list_02
	by_binary_checksums by_build_ids by_used_deployment_versions by_temporal_external_payload_size_bytes by_temporal_external_payload_count`
