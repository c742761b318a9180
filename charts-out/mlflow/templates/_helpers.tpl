{{- define "mlflow.allowedHosts" -}}
{{- "localhost,localhost:*,127.0.0.1:*,[[]::1]:*,10.*,192.168.*,172.16.*,172.17.*,172.18.*," }}
{{- "172.19.*,172.20.*,172.21.*,172.22.*,172.23.*,172.24.*,172.25.*,172.26.*,172.27.*,172.28.*," }}
{{- "172.29.*,172.30.*,172.31.*," }}{{ include "mlflow.serviceHosts" . }}
{{- if eq .Values.service.type "NodePort" }}
{{- ",*:" }}
{{- if ne .Values.service.nodePort nil }}
{{- int64 .Values.service.nodePort }}
{{- else }}
{{- "3[0-2]???" }}
{{- end }}
{{- end }}
{{- with .Values.server.allowedHosts }}
{{- printf ",%s,%s:*" (join "," .) (join ":*," .) }}
{{- end }}
{{- end }}

{{- define "mlflow.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mlflow.connectionsNeeded" -}}
{{- add (mul (add (include "mlflow.mostPods" . | int64) 1)
    (add (mul .Values.server.workers (add .Values.database.pool.size .Values.database.pool.maxOverflow)) 3)) 13 }}
{{- end }}

{{- define "mlflow.corsOrigins" -}}
{{- $fullname := include "mlflow.fullname" . }}
{{- "http://localhost:*,http://127.0.0.1:*,http://" }}{{ $fullname }}:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}.svc:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:*
{{- if eq .Values.service.type "NodePort" }}
{{- ",http://*:" }}
{{- if ne .Values.service.nodePort nil }}
{{- int64 .Values.service.nodePort }}
{{- else }}
{{- "3[0-2]???" }}
{{- end }}
{{- end }}
{{- with .Values.server.allowedHosts }}
{{- ",http://" }}{{ join ",http://" . }},http://{{ join ":*,http://" . }}:*,
{{- "https://" }}{{ join ",https://" . }},https://{{ join ":*,https://" . }}:*
{{- end }}
{{- with .Values.server.corsOrigins }}
{{- printf ",%s" (join "," .) }}
{{- end }}
{{- end }}

{{- define "mlflow.credentials" -}}
{{- if eq .Values.credentials.source "existingSecret" }}
{{- .Values.credentials.existingSecret }}
{{- else if eq .Values.credentials.source "values" }}
{{- printf "%s-credentials" (include "mlflow.fullname" . | trunc 40 | trimSuffix "-") }}
{{- else }}
{{- include "mlflow.generatedSecret" . }}
{{- end }}
{{- end }}

{{- define "mlflow.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "mlflow.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "mlflow.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "mlflow.generatedSecret" -}}
{{- printf "%s-generated" (include "mlflow.fullname" . | trunc 42 | trimSuffix "-") }}
{{- end }}

{{- define "mlflow.image" -}}
{{- with .Values.image.digest }}
{{- printf "%s@%s" $.Values.image.repository . }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository .Values.image.tag }}
{{- end }}
{{- end }}

{{- define "mlflow.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/name: {{ include "mlflow.name" . | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ include "mlflow.chart" . | quote }}
{{- end }}

{{- define "mlflow.mostPods" -}}
{{- if .Values.autoscaling.enabled }}
{{- int64 .Values.autoscaling.maxReplicas }}
{{- else }}
{{- int64 .Values.server.replicas }}
{{- end }}
{{- end }}

{{- define "mlflow.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mlflow.postgres" -}}
{{- .Values.postgres.fullnameOverride | default
    (printf "%s-postgres" (include "mlflow.fullname" . | trunc 43 | trimSuffix "-")) }}
{{- end }}

{{- define "mlflow.postgresImage" -}}
{{- with .Values.postgres.image.digest }}
{{- printf "%s@%s" $.Values.postgres.image.repository . }}
{{- else }}
{{- printf "%s:%s" .Values.postgres.image.repository .Values.postgres.image.tag }}
{{- end }}
{{- end }}

{{- define "mlflow.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "mlflow.name" . | quote }}
{{- end }}

{{- define "mlflow.serviceAccountName" -}}
{{- if .Values.serviceAccount.name }}
{{- .Values.serviceAccount.name }}
{{- else if .Values.serviceAccount.create }}
{{- include "mlflow.fullname" . }}
{{- else }}
{{- "default" }}
{{- end }}
{{- end }}

{{- define "mlflow.serviceHosts" -}}
{{- $fullname := include "mlflow.fullname" . }}
{{- $fullname }},{{ $fullname }}:*,{{ $fullname }}.{{ .Release.Namespace }},
{{- $fullname }}.{{ .Release.Namespace }}:*,{{ $fullname }}.{{ .Release.Namespace }}.svc,
{{- $fullname }}.{{ .Release.Namespace }}.svc:*,
{{- $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }},
{{- $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:*
{{- end }}
