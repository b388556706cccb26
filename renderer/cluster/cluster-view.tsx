import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function ClusterView() {
  return (
    <View title="Cluster">
      <Empty title="Nothing here yet." />
    </View>
  )
}
