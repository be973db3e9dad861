import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const onPath = (process.env.PATH ?? '').split(delimiter).some((folder) => folder && !/node_modules[\\/]\.bin[\\/]?$/.test(folder) && existsSync(join(folder, 'clitron')))

/** A message with its commands as they can be typed here: where the program is installed for one folder only, through npx. */
export const asTyped = (text: string, { installed = onPath } = {}): string => (installed ? text : text.replace(/(?<=^|\x1b\[\d+m|[^\w./@-])(?<!npx )clitron (?=[a-zA-Z<[-])/g, 'npx clitron '))
