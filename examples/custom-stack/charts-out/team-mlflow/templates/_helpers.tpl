{{- define "team-mlflow.mlflow.allowedHosts" -}}
{{- "localhost,localhost:*,127.0.0.1:*,[[]::1]:*,10.*,192.168.*,172.16.*,172.17.*,172.18.*," }}
{{- "172.19.*,172.20.*,172.21.*,172.22.*,172.23.*,172.24.*,172.25.*,172.26.*,172.27.*,172.28.*," }}
{{- "172.29.*,172.30.*,172.31.*," }}{{ include "team-mlflow.mlflow.serviceHosts" . }}
{{- if eq .Values.mlflow.service.type "NodePort" }}
{{- ",*:" }}
{{- if ne .Values.mlflow.service.nodePort nil }}
{{- int64 .Values.mlflow.service.nodePort }}
{{- else }}
{{- "3[0-2]???" }}
{{- end }}
{{- end }}
{{- with .Values.mlflow.server.allowedHosts }}
{{- printf ",%s,%s:*" (join "," .) (join ":*," .) }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "team-mlflow.mlflow.connectionsNeeded" -}}
{{- add (mul (add (include "team-mlflow.mlflow.mostPods" . | int64) 1)
    (add (mul .Values.mlflow.server.workers
    (add .Values.mlflow.database.pool.size .Values.mlflow.database.pool.maxOverflow)) 3)) 13 }}
{{- end }}

{{- define "team-mlflow.mlflow.corsOrigins" -}}
{{- $fullname := include "team-mlflow.mlflow.fullname" . }}
{{- "http://localhost:*,http://127.0.0.1:*,http://" }}{{ $fullname }}:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}.svc:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.mlflow.clusterDomain }}:*
{{- if eq .Values.mlflow.service.type "NodePort" }}
{{- ",http://*:" }}
{{- if ne .Values.mlflow.service.nodePort nil }}
{{- int64 .Values.mlflow.service.nodePort }}
{{- else }}
{{- "3[0-2]???" }}
{{- end }}
{{- end }}
{{- with .Values.mlflow.server.allowedHosts }}
{{- ",http://" }}{{ join ",http://" . }},http://{{ join ":*,http://" . }}:*,
{{- "https://" }}{{ join ",https://" . }},https://{{ join ":*,https://" . }}:*
{{- end }}
{{- with .Values.mlflow.server.corsOrigins }}
{{- printf ",%s" (join "," .) }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.credentials" -}}
{{- if eq .Values.mlflow.credentials.source "existingSecret" }}
{{- .Values.mlflow.credentials.existingSecret }}
{{- else if eq .Values.mlflow.credentials.source "values" }}
{{- printf "%s-credentials" (include "team-mlflow.mlflow.fullname" . | trunc 40 | trimSuffix "-") }}
{{- else }}
{{- include "team-mlflow.mlflow.generatedSecret" . }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.fullname" -}}
{{- if .Values.mlflow.fullnameOverride }}
{{- .Values.mlflow.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "team-mlflow.mlflow.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "team-mlflow.mlflow.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.generatedSecret" -}}
{{- printf "%s-generated" (include "team-mlflow.mlflow.fullname" . | trunc 42 | trimSuffix "-") }}
{{- end }}

{{- define "team-mlflow.mlflow.image" -}}
{{- with .Values.mlflow.image.digest }}
{{- printf "%s@%s" $.Values.mlflow.image.repository . }}
{{- else }}
{{- printf "%s:%s" .Values.mlflow.image.repository .Values.mlflow.image.tag }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/name: {{ include "team-mlflow.mlflow.name" . | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ include "team-mlflow.mlflow.chart" . | quote }}
{{- end }}

{{- define "team-mlflow.mlflow.mostPods" -}}
{{- if .Values.mlflow.autoscaling.enabled }}
{{- int64 .Values.mlflow.autoscaling.maxReplicas }}
{{- else }}
{{- int64 .Values.mlflow.server.replicas }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.name" -}}
{{- .Values.mlflow.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "team-mlflow.mlflow.postgres" -}}
{{- .Values.mlflow.postgres.fullnameOverride | default
    (printf "%s-postgres" (include "team-mlflow.mlflow.fullname" . | trunc 43 | trimSuffix "-")) }}
{{- end }}

{{- define "team-mlflow.mlflow.postgresImage" -}}
{{- with .Values.mlflow.postgres.image.digest }}
{{- printf "%s@%s" $.Values.mlflow.postgres.image.repository . }}
{{- else }}
{{- printf "%s:%s" .Values.mlflow.postgres.image.repository .Values.mlflow.postgres.image.tag }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "team-mlflow.mlflow.name" . | quote }}
{{- end }}

{{- define "team-mlflow.mlflow.serviceAccountName" -}}
{{- if .Values.mlflow.serviceAccount.name }}
{{- .Values.mlflow.serviceAccount.name }}
{{- else if .Values.mlflow.serviceAccount.create }}
{{- include "team-mlflow.mlflow.fullname" . }}
{{- else }}
{{- "default" }}
{{- end }}
{{- end }}

{{- define "team-mlflow.mlflow.serviceHosts" -}}
{{- $fullname := include "team-mlflow.mlflow.fullname" . }}
{{- $fullname }},{{ $fullname }}:*,{{ $fullname }}.{{ .Release.Namespace }},
{{- $fullname }}.{{ .Release.Namespace }}:*,{{ $fullname }}.{{ .Release.Namespace }}.svc,
{{- $fullname }}.{{ .Release.Namespace }}.svc:*,
{{- $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.mlflow.clusterDomain }},
{{- $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.mlflow.clusterDomain }}:*
{{- end }}
