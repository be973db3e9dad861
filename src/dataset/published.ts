/** The files of a dataset that people read, under training/data/{name}/; the trainers' own inputs stay in the store. */
export const publishedFiles = /^(train(_val|_test|_calibration)?\.jsonl|rejected\.jsonl|dataset\.json|DATASET\.md)$/
