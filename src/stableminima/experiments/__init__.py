"""Studies and their records. Book: appendix "Reproducing at scale"."""

from .comparison import compare, not_compared
from .record_files import load_record, read_record, results_folder, write_record
from .records import Record, RecordError, RecordMissing, Run, key_of
from .study import Study, StudyFailed, record_study, run_study

__all__ = [
    "Record",
    "RecordError",
    "RecordMissing",
    "Run",
    "Study",
    "StudyFailed",
    "compare",
    "key_of",
    "load_record",
    "not_compared",
    "read_record",
    "record_study",
    "results_folder",
    "run_study",
    "write_record",
]
