/** By what rows are counted and scored: which of the two tasks, the command or the root cause it is about, the case, how it was varied, how it is worded. */
export const sliceNames = ['task', 'about', 'case', 'augmentation', 'phrasing'] as const
