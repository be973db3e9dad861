/** The specification's teacher. */
export const defaultTeacherModel = 'claude-opus-4-5'
