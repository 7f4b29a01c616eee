'use client'

export function Shown({ context }: { readonly context: unknown }) {
  return <p>{JSON.stringify(context)}</p>
}
