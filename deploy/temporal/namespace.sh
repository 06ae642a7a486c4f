#!/bin/sh
# Makes the namespace and its search attributes where they are missing. Running it again does nothing.
set -eu

temporal operator cluster health
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 90d

temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
  --name Journey --type Keyword \
  --name JourneyVersion --type Int \
  --name CustomerId --type Keyword \
  --name Step --type Keyword \
  --name Star --type Int \
  --name Owner --type Keyword \
  --name Outcome --type Keyword \
  --name NextAt --type Datetime
