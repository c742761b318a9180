{{- define "mlflow.allowedHosts" -}}
{{- printf (print "localhost,localhost:*,127.0.0.1:*,[[]::1]:*,10.*,192.168.*,172.16.*,172.17.*,172.18.*,"
    "172.19.*,172.20.*,172.21.*,172.22.*,172.23.*,172.24.*,172.25.*,172.26.*,172.27.*,172.28.*,"
    "172.29.*,172.30.*,172.31.*,%s%s%s") (include "mlflow.serviceHosts" .)
    (ternary (printf ",*:%s"
    (ternary (ternary (int64 .Values.service.nodePort) 0 (ne .Values.service.nodePort nil) | toString)
    "3[0-2]???" (ne .Values.service.nodePort nil))) "" (eq .Values.service.type "NodePort"))
    (ternary (printf ",%s,%s:*" (join "," .Values.server.allowedHosts)
    (join ":*," .Values.server.allowedHosts)) "" (not (empty .Values.server.allowedHosts))) }}
{{- end }}

{{- define "mlflow.corsOrigins" -}}
{{- printf (print "http://localhost:*,http://127.0.0.1:*,http://%s:*,http://%s.%s:*,http://%s.%s.svc:*,"
    "http://%s.%s.svc.%s:*%s%s%s") (include "mlflow.fullname" .) (include "mlflow.fullname" .)
    .Release.Namespace (include "mlflow.fullname" .) .Release.Namespace (include "mlflow.fullname" .)
    .Release.Namespace .Values.clusterDomain
    (ternary (printf ",http://*:%s"
    (ternary (ternary (int64 .Values.service.nodePort) 0 (ne .Values.service.nodePort nil) | toString)
    "3[0-2]???" (ne .Values.service.nodePort nil))) "" (eq .Values.service.type "NodePort"))
    (ternary (printf ",http://%s,http://%s:*,https://%s,https://%s:*"
    (join ",http://" .Values.server.allowedHosts) (join ":*,http://" .Values.server.allowedHosts)
    (join ",https://" .Values.server.allowedHosts) (join ":*,https://" .Values.server.allowedHosts)) ""
    (not (empty .Values.server.allowedHosts)))
    (ternary (printf ",%s" (join "," .Values.server.corsOrigins)) ""
    (not (empty .Values.server.corsOrigins))) }}
{{- end }}

{{- define "mlflow.credentials" -}}
{{- ternary .Values.credentials.existingSecret
    (ternary (printf "%s-credentials" (include "mlflow.fullname" . | trunc 40 | trimSuffix "-"))
    (include "mlflow.generatedSecret" .) (eq .Values.credentials.source "values"))
    (eq .Values.credentials.source "existingSecret") }}
{{- end }}

{{- define "mlflow.fullname" -}}
{{- .Values.fullnameOverride | default
    (ternary .Release.Name (printf "%s-%s" .Release.Name (include "mlflow.name" .))
    (contains (include "mlflow.name" .) .Release.Name)) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mlflow.generatedSecret" -}}
{{- printf "%s-generated" (include "mlflow.fullname" . | trunc 42 | trimSuffix "-") }}
{{- end }}

{{- define "mlflow.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/name: {{ include "mlflow.name" . | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" |
    quote }}
{{- end }}

{{- define "mlflow.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mlflow.postgres" -}}
{{- .Values.postgres.fullnameOverride | default
    (printf "%s-postgres" (include "mlflow.fullname" . | trunc 43 | trimSuffix "-")) }}
{{- end }}

{{- define "mlflow.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "mlflow.name" . | quote }}
{{- end }}

{{- define "mlflow.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default
    (ternary (include "mlflow.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "mlflow.serviceHosts" -}}
{{- printf "%s,%s:*,%s.%s,%s.%s:*,%s.%s.svc,%s.%s.svc:*,%s.%s.svc.%s,%s.%s.svc.%s:*"
    (include "mlflow.fullname" .) (include "mlflow.fullname" .) (include "mlflow.fullname" .)
    .Release.Namespace (include "mlflow.fullname" .) .Release.Namespace (include "mlflow.fullname" .)
    .Release.Namespace (include "mlflow.fullname" .) .Release.Namespace (include "mlflow.fullname" .)
    .Release.Namespace .Values.clusterDomain (include "mlflow.fullname" .) .Release.Namespace
    .Values.clusterDomain }}
{{- end }}
