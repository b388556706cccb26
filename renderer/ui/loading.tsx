/** The shape of a screen before its content is there. */
export function Loading() {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="mx-auto w-full max-w-[100rem] animate-pulse p-4 sm:p-6"
    >
      <div className="mb-6 h-8 w-40 rounded-lg bg-line" />
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {['a', 'b', 'c', 'd'].map(key => (
          <div key={key} className="h-24 rounded-xl bg-line/60" />
        ))}
      </div>
      <div className="mt-3 h-64 rounded-xl bg-line/60" />
    </div>
  )
}
