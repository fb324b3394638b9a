/** A struct of arrays: for each field a typed array with `width` numbers per row. Grows, clones and packs as a whole. */
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

export function bytesPerRow(fields: Fields): number {
  return Object.values(fields).reduce((sum, { type, width }) => sum + type.BYTES_PER_ELEMENT * width, 0)
}

export function packColumns<F extends Fields>(fields: F, columns: Columns<F>, rows: number): Uint8Array {
  const packed = new Uint8Array(bytesPerRow(fields) * rows)
  let at = 0
  for (const [name, { width }] of Object.entries(fields)) {
    const part = columns[name as keyof F].subarray(0, rows * width)
    packed.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at)
    at += part.byteLength
  }
  return packed
}

/** The inverse of packColumns; throws a RangeError when the length does not fit. */
export function unpackColumns<F extends Fields>(fields: F, packed: Uint8Array, rows: number): Columns<F> {
  if (packed.byteLength !== bytesPerRow(fields) * rows) throw new RangeError('packed columns have another length')
  const columns = createColumns(fields, rows)
  let at = 0
  for (const name of Object.keys(fields)) {
    const part = columns[name as keyof F]
    new Uint8Array(part.buffer).set(packed.subarray(at, at + part.byteLength))
    at += part.byteLength
  }
  return columns
}
