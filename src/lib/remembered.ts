// What a function gave for a key before, given again. Only for functions of the key alone: forgetting changes nothing but time.

interface Store<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}

/** @param store a WeakMap for objects; a Map only where the keys are few */
export function remembered<K, V extends object>(store: Store<K, V>, make: (key: K) => V): (key: K) => V {
  return key => {
    let value = store.get(key)
    if (!value) {
      value = make(key)
      store.set(key, value)
    }
    return value
  }
}
