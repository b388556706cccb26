// The frame around every screen: where one can go, how the mesh is, and what is in the way.
import { Suspense, useEffect } from 'react'
import { useMeshState } from './peer/mesh-store.ts'
import { Banner } from './ui/banner.tsx'
import { Loading } from './ui/loading.tsx'
import { usePlace } from './ui/location.ts'
import { Navigation } from './ui/navigation.tsx'
import { screenAt, WelcomeView } from './views.ts'

export function App() {
  const [path] = usePlace().segments
  useEffect(() => {
    // Nothing is returned: new browsers return a promise.
    document.querySelector('main')?.scrollTo(0, 0)
  }, [])
  if (path === 'welcome') {
    return (
      <main className="h-full overflow-y-auto">
        <Suspense fallback={<Loading />}>
          <WelcomeView />
        </Suspense>
      </main>
    )
  }
  const current = screenAt(path)
  return (
    <div className="flex h-full flex-col-reverse md:flex-row">
      <Navigation current={current} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <Banner />
        <main className="min-h-0 flex-1 overflow-y-auto">
          <Content View={current.View} />
        </main>
      </div>
    </div>
  )
}

function Content({ View }: { readonly View: React.ComponentType }) {
  const isKnown = useMeshState(({ mesh }) => mesh !== null)
  if (!isKnown) return <Loading />
  return (
    <Suspense fallback={<Loading />}>
      <View />
    </Suspense>
  )
}
