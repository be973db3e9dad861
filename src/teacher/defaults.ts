/** The specification's teacher. */
export const defaultTeacherModel = 'claude-opus-4-5'

/** The paid teacher that writes: the one asked for, else this machine's usual one. */
export const teacherModel = (asked?: string): string => asked ?? process.env.CLITRON_TEACHER_MODEL ?? defaultTeacherModel
