import { ensureAll } from '../src/setup/ensure-all.ts'

/** The real runs need what every user's machine gets: Python, the Temporal CLI, llama.cpp's converter. */
export const setup = () => ensureAll({ onProgress: (line) => process.stderr.write(`${line}\n`) })
