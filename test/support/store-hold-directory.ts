// Opens the PGlite directory that it is given, says so, and holds it until it is killed.
import { openDatabase } from '../../src/store/db.ts'

await openDatabase({ dataDir: process.argv[2]! })
console.log('open')
setInterval(() => {}, 1000)
