/** A struct of arrays: for each field a typed array with `width` numbers per row. Grows and is copied as a whole. */
export type Columns<F extends Fields> = { [K in keyof F]: InstanceType<F[K]['type']> }

type ArrayType = typeof Float64Array | typeof Float32Array | typeof Int32Array | typeof Uint8Array
export type Fields = Record<string, { type: ArrayType; width: number }>

export function createColumns<F extends Fields>(fields: F, rows: number): Columns<F> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { type, width }]) => [name, new type(rows * width)]),
  ) as Columns<F>
}

/** A copy with room for `rows`; what is beyond the source's rows is zero. */
export function copyColumns<F extends Fields>(fields: F, from: Columns<F>, rows: number): Columns<F> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { type, width }]) => {
      const source = from[name as keyof F]
      if (source.length >= rows * width) return [name, source.slice(0, rows * width)]
      const target = new type(rows * width)
      target.set(source)
      return [name, target]
    }),
  ) as Columns<F>
}

export function copyRow<F extends Fields>(fields: F, from: Columns<F>, row: number, to: Columns<F>, at: number): void {
  for (const [name, { width }] of Object.entries(fields)) {
    to[name as keyof F].set(from[name as keyof F].subarray(row * width, row * width + width), at * width)
  }
}
