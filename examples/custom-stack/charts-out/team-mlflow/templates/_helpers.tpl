{{- define "team-mlflow.mlflow.allowedHosts" -}}
{{- printf (print "localhost,localhost:*,127.0.0.1:*,[[]::1]:*,10.*,192.168.*,172.16.*,172.17.*,172.18.*,"
    "172.19.*,172.20.*,172.21.*,172.22.*,172.23.*,172.24.*,172.25.*,172.26.*,172.27.*,172.28.*,"
    "172.29.*,172.30.*,172.31.*,%s%s%s") (include "team-mlflow.mlflow.serviceHosts" .)
    (ternary (printf ",*:%s"
    (ternary (ternary (int64 .Values.mlflow.service.nodePort) 0 (ne .Values.mlflow.service.nodePort nil) |
    toString) "3[0-2]???" (ne .Values.mlflow.service.nodePort nil))) ""
    (eq .Values.mlflow.service.type "NodePort"))
    (ternary (printf ",%s,%s:*" (join "," .Values.mlflow.server.allowedHosts)
    (join ":*," .Values.mlflow.server.allowedHosts)) "" (not (empty .Values.mlflow.server.allowedHosts))) }}
{{- end }}

{{- define "team-mlflow.mlflow.corsOrigins" -}}
{{- printf (print "http://localhost:*,http://127.0.0.1:*,http://%s:*,http://%s.%s:*,http://%s.%s.svc:*,"
    "http://%s.%s.svc.%s:*%s%s%s") (include "team-mlflow.mlflow.fullname" .)
    (include "team-mlflow.mlflow.fullname" .) .Release.Namespace (include "team-mlflow.mlflow.fullname" .)
    .Release.Namespace (include "team-mlflow.mlflow.fullname" .) .Release.Namespace
    .Values.mlflow.clusterDomain
    (ternary (printf ",http://*:%s"
    (ternary (ternary (int64 .Values.mlflow.service.nodePort) 0 (ne .Values.mlflow.service.nodePort nil) |
    toString) "3[0-2]???" (ne .Values.mlflow.service.nodePort nil))) ""
    (eq .Values.mlflow.service.type "NodePort"))
    (ternary (printf ",http://%s,http://%s:*,https://%s,https://%s:*"
    (join ",http://" .Values.mlflow.server.allowedHosts)
    (join ":*,http://" .Values.mlflow.server.allowedHosts)
    (join ",https://" .Values.mlflow.server.allowedHosts)
    (join ":*,https://" .Values.mlflow.server.allowedHosts)) ""
    (not (empty .Values.mlflow.server.allowedHosts)))
    (ternary (printf ",%s" (join "," .Values.mlflow.server.corsOrigins)) ""
    (not (empty .Values.mlflow.server.corsOrigins))) }}
{{- end }}

{{- define "team-mlflow.mlflow.credentials" -}}
{{- ternary .Values.mlflow.credentials.existingSecret
    (ternary (printf "%s-credentials" (include "team-mlflow.mlflow.fullname" . | trunc 40 | trimSuffix "-"))
    (include "team-mlflow.mlflow.generatedSecret" .) (eq .Values.mlflow.credentials.source "values"))
    (eq .Values.mlflow.credentials.source "existingSecret") }}
{{- end }}

{{- define "team-mlflow.mlflow.fullname" -}}
{{- .Values.mlflow.fullnameOverride | default
    (ternary .Release.Name (printf "%s-%s" .Release.Name (include "team-mlflow.mlflow.name" .))
    (contains (include "team-mlflow.mlflow.name" .) .Release.Name)) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "team-mlflow.mlflow.generatedSecret" -}}
{{- printf "%s-generated" (include "team-mlflow.mlflow.fullname" . | trunc 42 | trimSuffix "-") }}
{{- end }}

{{- define "team-mlflow.mlflow.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/name: {{ include "team-mlflow.mlflow.name" . | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" |
    quote }}
{{- end }}

{{- define "team-mlflow.mlflow.name" -}}
{{- .Values.mlflow.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "team-mlflow.mlflow.postgres" -}}
{{- .Values.mlflow.postgres.fullnameOverride | default
    (printf "%s-postgres" (include "team-mlflow.mlflow.fullname" . | trunc 43 | trimSuffix "-")) }}
{{- end }}

{{- define "team-mlflow.mlflow.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "team-mlflow.mlflow.name" . | quote }}
{{- end }}

{{- define "team-mlflow.mlflow.serviceAccountName" -}}
{{- .Values.mlflow.serviceAccount.name | default
    (ternary (include "team-mlflow.mlflow.fullname" .) "default" .Values.mlflow.serviceAccount.create) }}
{{- end }}

{{- define "team-mlflow.mlflow.serviceHosts" -}}
{{- printf "%s,%s:*,%s.%s,%s.%s:*,%s.%s.svc,%s.%s.svc:*,%s.%s.svc.%s,%s.%s.svc.%s:*"
    (include "team-mlflow.mlflow.fullname" .) (include "team-mlflow.mlflow.fullname" .)
    (include "team-mlflow.mlflow.fullname" .) .Release.Namespace (include "team-mlflow.mlflow.fullname" .)
    .Release.Namespace (include "team-mlflow.mlflow.fullname" .) .Release.Namespace
    (include "team-mlflow.mlflow.fullname" .) .Release.Namespace (include "team-mlflow.mlflow.fullname" .)
    .Release.Namespace .Values.mlflow.clusterDomain (include "team-mlflow.mlflow.fullname" .)
    .Release.Namespace .Values.mlflow.clusterDomain }}
{{- end }}
