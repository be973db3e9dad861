// Loaded before the program (`node --import`): at its end it writes down what it took.
import { writeFileSync } from 'node:fs'

process.on('exit', () => writeFileSync(process.env.MEASURED, JSON.stringify(process.resourceUsage())))
